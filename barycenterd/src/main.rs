//! Starts the daemon: environment and arguments in, exit code out.

use std::env;
use std::process::ExitCode;

use barycenterd::cli;

fn main() -> ExitCode {
    let environment = env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect();
    cli::run(env::args_os().collect(), environment)
}
