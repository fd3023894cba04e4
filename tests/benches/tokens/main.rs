//! What an answer of the provider costs, as ratios to what cannot be avoided: `make bench`.
//!
//! Everything is measured with the programs as they are shipped, in processor seconds of the daemon: a rate is one of
//! one core, the best of three. A figure that misses its limit ends the benchmark with exit
//! code 1. A word on the command line (`tokens`, `documents`) runs one part; `BENCH_TOKENS` sets how many tokens.
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

mod baseline;
mod documents;
mod load;
mod tokens;

use std::process::ExitCode;

use barycenter_e2e::program::environment;
use barycenter_e2e::report::Report;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if let [word, port] = words.as_slice()
        && word == baseline::HELLO
    {
        runtime.block_on(baseline::say_hello(port.parse().expect("a port")));
        return ExitCode::SUCCESS;
    }
    let is_wanted = |part: &str| words.is_empty() || words.iter().any(|word| part == word);
    let count = environment("BENCH_TOKENS").map_or(9600, |count| count.parse().expect("BENCH_TOKENS is a number"));
    let mut report = Report::default();
    runtime.block_on(async {
        if is_wanted("documents") {
            documents::published(&mut report).await;
        }
        if is_wanted("tokens") {
            tokens::issued(&mut report, count).await;
        }
    });
    report.end()
}
