//! What programs print.

use crate::sync_source::stage::Stage;

/// A script as a source; the tests' scripts need a POSIX shell.
fn script(stage: &Stage, text: &str, output: &str) -> String {
    std::fs::write(stage.path("print.sh"), text).unwrap();
    format!(
        "kind = \"command\"\noutput = \"{output}\"\ncommand = [\"sh\", \"print.sh\", \"an argument; rm\"]\n"
    )
}

const CURSOR: &str = "[cursor]\ncolumn = \"at\"\ntype = \"time\"\noverlap = \"15m\"\n";

#[cfg(unix)]
#[test]
fn a_program_gets_its_arguments_as_they_are_and_the_cursor_in_its_environment() {
    let stage = Stage::new();
    let print = "printf '{\"argument\":\"%s\",\"at\":\"2026-11-01 10:00\",\"since\":\"%s\"}\\n' \"$1\" \"${B24_CURSOR-none}\"";
    let settings = format!("{}{CURSOR}", script(&stage, print, "jsonl"));
    assert_eq!(stage.read(&settings).unwrap().rows(), ["1: an argument; rm | 2026-11-01 10:00 | none"]);
    let next = stage.read_from(&settings, Some("2026-11-01T07:00:00.000000000Z")).unwrap();
    assert_eq!(next.rows(), ["1: an argument; rm | 2026-11-01 10:00 | 2026-11-01T09:45:00"]);
    // What is old is the program's business.
    assert_eq!(next.passed_over, 0);
}

#[cfg(unix)]
#[test]
fn a_program_that_fails_or_is_cut_gives_no_row_at_all() {
    let stage = Stage::new();
    let fails = |text: &str, output: &str| stage.fails(&script(&stage, text, output));
    insta::assert_snapshot!(
        fails("echo '{\"id\":1}'; for i in 1 2 3 4 5 6; do echo \"line $i\" >&2; done; exit 3", "jsonl"), @"sync.source-command-failed: `sh` failed with exit status: 3: line 2; line 3; line 4; line 5; line 6 [nothing was committed; run the command by hand to see what it says]");
    insta::assert_snapshot!(fails("printf '{\"id\":1}\\n{\"id\":2'", "jsonl"), @"sync.source-command-cut: the output of `sh` is cut in line 2 [nothing was committed; a complete output ends with the end of a line]");
    insta::assert_snapshot!(fails("printf 'id,sum\\n1,15'", "csv"), @"sync.source-command-cut: the output of `sh` is cut in line 2 [nothing was committed; a complete output ends with the end of a line]");
    insta::assert_snapshot!(fails("true", "csv"), @"sync.source-heading: cannot read the heading of the output of `sh`: the file is empty [the first line must name the columns; name them with `columns` if there is none]");
    insta::assert_snapshot!(fails("echo '{\"id\":1}'; kill -9 $$", "jsonl"), @"sync.source-command-failed: `sh` failed with signal: 9 (SIGKILL) [nothing was committed; run the command by hand to see what it says]");
    insta::assert_snapshot!(
        stage.fails("kind = \"command\"\noutput = \"csv\"\ncommand = [\"./no-such-program\"]").replace(stage.path("").to_str().unwrap(), "DIR/"), @"sync.source-command-start: cannot start `./no-such-program`: No such file or directory (os error 2) [check the program's path in `command`; no shell looks it up]");
}

#[cfg(unix)]
#[test]
fn a_program_may_have_nothing_to_say() {
    let stage = Stage::new();
    assert_eq!(stage.read(&script(&stage, "true", "jsonl")).unwrap().rows().len(), 0);
    let csv = format!(
        "{}delimiter = \"\\t\"\ncolumns = [\"id\", \"sum\"]\nnull = \"NULL\"\n",
        script(&stage, "printf '1\\tNULL\\n2\\t7\\n'", "csv")
    );
    assert_eq!(stage.read(&csv).unwrap().rows(), ["1: 1 | -", "2: 2 | 7"]);
}
