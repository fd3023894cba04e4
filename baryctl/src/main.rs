//! Runs [`baryctl::process`].

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Comparing a million users is asking for small pieces of memory, on one thread, and giving them back on another.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    baryctl::process()
}
