//! Runs [`baryctl::process`].

use std::process::ExitCode;

fn main() -> ExitCode {
    baryctl::process()
}
