//! `barycenterd` and `baryctl` in one file: what they have in common is in the image once. It is the program whose name
//! it is started by.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let name = std::env::args_os().next().unwrap_or_default();
    if Path::new(&name).file_name().is_some_and(|name| name == "baryctl") {
        baryctl::process()
    } else {
        barycenterd::cli::process()
    }
}
