//! `b24 batch`: named commands of a file, one outcome each.

use crate::stage::{Home, Stage, done, run};

const FILE: &str = r#"
[command.contact]
method = "crm.contact.add"
params = { fields = { NAME = "Анна" } }

[command.deal]
method = "crm.deal.add"
[command.deal.params.fields]
TITLE = "Заказ 7"
CONTACT_ID = "$result[contact]"

[command."the comment"]
method = "crm.timeline.comment.add"
params.fields = { ENTITY_ID = "$result[deal]", ENTITY_TYPE = "deal", COMMENT = "Deal $result[deal], $$result[deal] is no reference" }
"#;

#[test]
fn commands_refer_to_earlier_ones_and_each_has_its_outcome() {
    let stage = Stage::new();
    stage.home.write("заказ.toml", FILE);
    let data = done(&mut stage.b24(&["batch", "заказ.toml", "--json"])).json()["data"].clone();
    let names: Vec<&str> = data.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["contact", "deal", "the comment"]);
    let id = |index: usize| data[index]["result"].to_string();
    let deal = done(&mut stage.b24(&["call", "crm.deal.get", "--json", "-p", &format!("id={}", id(1))]));
    assert_eq!(deal.json()["result"]["CONTACT_ID"], id(0).as_str());
    let comment =
        done(&mut stage.b24(&["call", "crm.timeline.comment.get", "--json", "-p", &format!("id={}", id(2))]));
    assert_eq!(comment.json()["result"]["ENTITY_ID"], id(1).as_str());
    let text = format!("Deal {}, $result[deal] is no reference", id(1));
    assert_eq!(comment.json()["result"]["COMMENT"], text.as_str());
}

#[test]
fn json_from_stdin_says_the_same() {
    let stage = Stage::new();
    let json = r#"{"command": {"one": {"method": "crm.deal.get", "params": {"id": 1}},
        "two": {"method": "crm.deal.get", "params": {"id": "$result[one][ID]"}}}}"#;
    let ran = done(stage.b24(&["batch", "-", "--json"]).write_stdin(json)).json();
    assert_eq!(ran["data"][0]["result"]["ID"], ran["data"][1]["result"]["ID"]);
}

#[test]
fn a_refused_command_is_three_and_takes_no_other_with_it() {
    let stage = Stage::new();
    let file = "[command.good]\nmethod = \"crm.deal.get\"\nparams.id = 1\n\
                [command.missing]\nmethod = \"crm.deal.get\"\nparams.id = 99999999\n\
                [command.typo]\nmethod = \"crm.deal.lsit\"\n\
                [command.dependent]\nmethod = \"crm.deal.get\"\nparams.id = \"$result[missing][ID]\"\n";
    stage.home.write("b.toml", file);
    let ran = run(&mut stage.b24(&["batch", "b.toml", "--json"]));
    let document = ran.json();
    let of = |index: usize| document["data"][index]["outcome"].as_str().unwrap().to_owned();
    assert_eq!((ran.code, of(0), of(1), of(2)), (3, "ok".into(), "rejected".into(), "rejected".into()));
    assert_ne!(of(3), "ok", "{ran:?}");
    assert_eq!(document["data"][2]["error"]["portal_code"], "ERROR_METHOD_NOT_FOUND");
    assert_eq!(document["data"][2]["error"]["hint"], "check the spelling of the method");
    let ran = run(&mut stage.b24(&["batch", "b.toml", "--quiet"]));
    assert!(ran.stdout.contains("missing"), "{ran:?}");
    assert!(ran.stdout.contains("the portal refused the command: Not found"), "{ran:?}");
}

#[test]
fn halt_stops_at_the_first_that_fails() {
    let stage = Stage::new();
    let file = "halt = true\n[command.a]\nmethod = \"crm.deal.get\"\nparams.id = 99999999\n\
                [command.b]\nmethod = \"crm.deal.add\"\nparams.fields.TITLE = \"never\"\n";
    stage.home.write("b.toml", file);
    let ran = run(&mut stage.b24(&["batch", "b.toml", "--json"]));
    assert_eq!((ran.code, &ran.json()["data"][1]["outcome"]), (3, &"not-executed".into()), "{ran:?}");
    stage.home.write("c.toml", file.trim_start_matches("halt = true\n"));
    let ran = run(&mut stage.b24(&["batch", "c.toml", "--halt", "--json"]));
    assert_eq!(ran.json()["data"][1]["outcome"], "not-executed", "{ran:?}");
    let ran = run(&mut stage.b24(&["batch", "c.toml", "--json"]));
    assert_eq!(ran.json()["data"][1]["outcome"], "ok", "{ran:?}");
}

#[test]
fn a_dry_run_shows_the_requests_and_sends_nothing() {
    let home = Home::new();
    let commands: Vec<String> = (0..60)
        .map(|n| format!("[command.c{n}]\nmethod = \"crm.deal.get\"\nparams.id = {}\n", n + 1))
        .collect();
    home.write("b.toml", &commands.concat());
    // No portal is set: nothing can be sent.
    let data = done(&mut home.b24(&["batch", "b.toml", "--dry-run", "--json"])).json()["data"].clone();
    let sizes: Vec<usize> = data
        .as_array()
        .unwrap()
        .iter()
        .map(|request| request["commands"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [50, 10]);

    home.write("заказ.toml", FILE);
    let ran = done(&mut home.b24(&["batch", "заказ.toml", "--dry-run"]));
    insta::assert_snapshot!(ran.stdout, @"
    REQUEST  FORM    COMMAND      METHOD
          1  batch   contact      crm.contact.add
          2  batch   deal         crm.deal.add
          3  single  the comment  crm.timeline.comment.add
    ");
    assert_eq!(ran.stderr, "3 commands in 3 requests; nothing was sent\n");
}

#[test]
fn writes_on_a_read_only_portal_are_refused_before_anything_is_sent() {
    let stage = Stage::new();
    stage.home.write("b.toml", FILE);
    let ran = run(stage.b24(&["batch", "b.toml"]).env("B24_ACCESS", "read"));
    assert_eq!((ran.code, stage.sandbox.journal().requests), (4, 0), "{ran:?}");
    assert!(ran.stderr.contains("error[access.read-only]: calling crm.contact.add"), "{ran:?}");
}

/// What a wrong file is told, in its own words.
fn refused(home: &Home, name: &str, text: &str) -> String {
    home.write(name, text);
    let ran = run(&mut home.b24(&["batch", name]));
    assert_eq!(ran.code, 2, "{ran:?}");
    let mut lines = ran.stderr.lines();
    let code = lines.next().unwrap().split(['[', ']']).nth(1).unwrap().to_owned();
    format!("{code} · {}", lines.next().unwrap().trim_start_matches("  why: "))
}

#[test]
fn a_wrong_file_is_told_with_line_and_key() {
    let home = Home::new();
    let toml = |text: &str| refused(&home, "b.toml", text);
    let json = |text: &str| refused(&home, "b.json", text);
    let command = |params: &str| format!("[command.a]\nmethod = \"crm.deal.list\"\n{params}\n");
    let cases = [
        toml("[command.a\n"),
        json("{\n\"command\": {]\n}"),
        toml("halts = true\n"),
        toml("halt = \"yes\"\n"),
        toml("[command]\n"),
        toml("[command.a]\nparams = {}\n"),
        toml("[command.a]\nmethod = \"../crm\"\n"),
        toml("[command.a]\nmethod = \"batch\"\n"),
        toml("[command.a]\nmethod = \"profile\"\nparam = 5\n"),
        toml("[command.a]\nmethod = \"profile\"\nparams = 5\n"),
        toml("[command.a]\nmethod = \"profile\"\n[command.a]\nmethod = \"profile\"\n"),
        json("{\"command\": {\n\"a\": {\"method\": \"profile\"},\n\"a\": {\"method\": \"profile\"}}}"),
        toml(&command("[command.a.params]\nfilter = { ID = 1 }\nFILTER = { ID = 2 }")),
        toml(&command("params.filter = { '@ID' = [] }")),
        toml(&command("params.filter = { ID = '$result[b][ID]' }\n[command.b]\nmethod = \"profile\"")),
        toml(&command("params.filter = { ID = '$result[nobody][ID]' }")),
        toml(&command("params.filter = { ID = '$result[a][ID]' }")),
        toml(&command("params.filter = { TITLE = 'Deal $result[b][ID]' }")),
        toml(&command("params.filter = { TITLE = '$result[b' }")),
        toml(&command("params.filter = { ID = '$total[b]' }")),
    ];
    insta::assert_snapshot!(cases.join("\n"), @"
    batch.syntax · line 1: unclosed table, expected `]`
    batch.syntax · line 2: key must be a string at line 2 column 13
    batch.key-unknown · line 1: `halts`: this key is not known
    batch.key-unknown · line 1: `halt`: it is a text, wanted true or false
    batch.empty · `command`: the file has no commands
    batch.method · line 1: `command.a`: it names no method
    batch.method · line 2: `command.a.method`: `../crm` is no name of a method
    batch.method · line 2: `command.a.method`: the portal runs `batch` outside of a batch only
    batch.key-unknown · line 3: `command.a.param`: this key is not known
    batch.params · line 3: `command.a.params`: it is a number, wanted a group of values
    batch.key-duplicate · line 3: `a`: duplicate key
    batch.key-duplicate · line 3: `a`: this key stands here twice
    batch.key-duplicate · line 5: `command.a.params.FILTER`: the portal takes it for the same as `filter` of line 4
    batch.params · line 3: `command.a.params.filter.@ID`: the portal would drop a condition with an empty list
    batch.reference · line 3: `command.a.params.filter.ID`: `b` comes later; a command refers to earlier ones
    batch.reference · line 3: `command.a.params.filter.ID`: there is no command `nobody`
    batch.reference · line 3: `command.a.params.filter.ID`: `a` refers to itself
    batch.reference · line 3: `command.a.params.filter.TITLE`: there is no command `b`
    batch.reference · line 3: `command.a.params.filter.TITLE`: the bracket of a reference does not close
    batch.reference · line 3: `command.a.params.filter.ID`: `$total[…]` cannot be referred to, only `$result[…]`
    ");
}

#[test]
fn more_than_fifty_that_refer_to_each_other_are_refused() {
    let home = Home::new();
    let chain: Vec<String> = (0..51)
        .map(|n| {
            let id = if n == 0 { "1".to_owned() } else { format!("'$result[c{}][ID]'", n - 1) };
            format!("[command.c{n}]\nmethod = \"crm.deal.get\"\nparams.id = {id}\n")
        })
        .collect();
    let told = refused(&home, "b.toml", &chain.concat());
    assert_eq!(
        told,
        "batch.group-too-large · line 1: `command.c0`: 51 commands refer to each other, a request holds 50"
    );
}
