//! Diagnostics on stderr, switched on by `B24_LOG` (`B24_LOG=debug`, `B24_LOG=b24_client=trace`).

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;

use crate::code::Code;
use crate::failure::Failure;
use crate::secret;

/// Starts the diagnostics when a filter is given.
///
/// # Errors
/// A filter that cannot be read.
pub(crate) fn start(filter: Option<&str>) -> Result<(), Failure> {
    let Some(filter) = filter else { return Ok(()) };
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Failure::new(Code::LogFilter, "reading the log filter of B24_LOG")
            .because(error)
            .advise("use a level (info, debug, trace) or module=level pairs, separated by commas")
    })?;
    // A second start in one process keeps the first subscriber, which is what a second start would set up.
    let _already_set = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(|| Masked(io::stderr()))
        .try_init();
    Ok(())
}

/// Passes log lines on without webhook codes: libraries below may log whole addresses.
struct Masked<W>(W);

impl<W: Write> Write for Masked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(secret::strip(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_lines_carry_no_webhook_code() {
        let mut masked = Masked(Vec::new());
        masked.write_all(b"POST https://a.ru/rest/1/abc123/profile\n").unwrap();
        assert_eq!(masked.0, b"POST https://a.ru/rest/1/***/profile\n");
    }
}
