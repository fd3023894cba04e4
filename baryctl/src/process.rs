//! The process around [`run`](crate::run): its arguments, streams and environment, and what a panic says.

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::panic;
use std::process::ExitCode;

use crate::{Environment, Exit, Io, Terminals};

/// Runs the program with what the process has.
#[must_use]
pub fn process() -> ExitCode {
    // What a panic says may hold a secret: only the place is told.
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        let version = env!("CARGO_PKG_VERSION");
        let _ = writeln!(
            io::stderr(),
            "error: a fault of baryctl itself{place} (baryctl {version})\n  hint: please report it with this line and the command that you ran"
        );
    }));
    panic::catch_unwind(run).unwrap_or(Exit::Bug).into()
}

fn run() -> Exit {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // A variable that is not UTF-8 is none of ours.
    let environment: Environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let (stdin, stdout, mut stderr) = (io::stdin(), io::stdout(), io::stderr());
    let terminals =
        Terminals { stdin: stdin.is_terminal(), stdout: stdout.is_terminal(), stderr: stderr.is_terminal() };
    crate::run(
        &arguments,
        Io {
            stdin: &mut stdin.lock(),
            stdout: &mut BufWriter::new(stdout.lock()),
            // Not locked: a panic on another thread must be able to speak.
            stderr: &mut stderr,
            terminals,
            environment,
        },
    )
}
