//! Runs [`barycenterd::cli::process`].

use std::process::ExitCode;

fn main() -> ExitCode {
    barycenterd::cli::process()
}
