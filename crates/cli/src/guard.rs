//! A panic is a bug: it is reported in two lines and ends with exit code 1.

use std::io::{self, Write as _};
use std::panic::{self, AssertUnwindSafe};

use crate::exit::Exit;
use crate::secret;

/// Runs the program; a panic anywhere in it becomes [`Exit::Bug`].
pub(crate) fn catching_bugs(program: impl FnOnce() -> Exit) -> Exit {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let text = panic.payload_as_str().unwrap_or("no message");
        // Standard error may be closed; there is nobody left to tell.
        let _ignored = writeln!(
            io::stderr(),
            "error[cli.bug]: {}\n  why: a bug in b24 at {place}\n  try: report these lines to the project",
            secret::strip(text).replace('\n', " ")
        );
    }));
    panic::catch_unwind(AssertUnwindSafe(program)).unwrap_or(Exit::Bug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_with_the_exit_code_of_a_bug() {
        assert_eq!(catching_bugs(|| panic!("made up")), Exit::Bug);
        assert_eq!(catching_bugs(|| Exit::Partial), Exit::Partial);
        // The other tests of this process keep the usual report of a panic.
        drop(panic::take_hook());
    }
}
