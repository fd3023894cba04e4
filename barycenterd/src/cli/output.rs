//! The one place that prints: answers to stdout, everything else to stderr.
//!
//! A reader that has heard enough (`| head -1`) is no failure.

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use crate::cli::failure::{Exit, Failure};

/// Writes an answer to stdout.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// Writes an answer to stdout as it stands.
pub(super) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Failed, format!("cannot write the output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a line for people to stderr; if nobody reads there, nobody needs it.
pub(super) fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Answers what the parser of arguments has to say: help and version, or a fault (exit code 2).
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { Exit::Usage.into() } else { ExitCode::SUCCESS }
}
