//! Starts the CLI.
fn main() {}
