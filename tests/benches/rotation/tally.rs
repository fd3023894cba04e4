//! What succeeded and what did not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Login,
    Token,
    Verification,
}

/// The counts.
#[derive(Debug, Default)]
struct Counts {
    succeeded: BTreeMap<Kind, u64>,
    failures: Vec<String>,
    /// Connections that died with the daemon that was killed.
    broken: Vec<String>,
    keys: BTreeSet<String>,
    is_killing: bool,
}

/// Everything that happened.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<Counts>);

impl Tally {
    fn with(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.0.lock().expect("nobody panics"));
    }

    pub(crate) fn killing(&self, is_killing: bool) {
        self.with(|counts| counts.is_killing = is_killing);
    }

    pub(crate) fn note_key(&self, kid: &str) {
        self.with(|counts| {
            counts.keys.insert(kid.to_owned());
        });
    }

    pub(crate) fn succeeded(&self, kind: Kind) {
        self.with(|counts| *counts.succeeded.entry(kind).or_default() += 1);
    }

    pub(crate) fn failed(&self, kind: Kind, reason: &str) {
        self.with(|counts| counts.failures.push(format!("{kind:?}: {reason}")));
    }

    /// A connection broke: with the daemon that was killed, or for no good reason.
    pub(crate) fn broke(&self, kind: Kind, reason: &str) {
        self.with(|counts| {
            let list = if counts.is_killing { &mut counts.broken } else { &mut counts.failures };
            list.push(format!("{kind:?}: {reason}"));
        });
    }

    /// Prints everything and returns the exit code.
    pub(crate) fn report(&self, took: Duration) -> ExitCode {
        let counts = self.0.lock().expect("nobody panics");
        let of = |kind| counts.succeeded.get(&kind).copied().unwrap_or_default();
        say(format_args!(
            "{} logins, {} tokens, {} verifications of {} keys' tokens in {took:.0?}",
            of(Kind::Login),
            of(Kind::Token),
            of(Kind::Verification),
            counts.keys.len()
        ));
        say(format_args!("{} attempts were on their way through the daemon that was killed", counts.broken.len()));
        for failure in counts.failures.iter().take(20) {
            say(format_args!("FAILED {failure}"));
        }
        say(format_args!("{} failed", counts.failures.len()));
        ExitCode::from(u8::from(!counts.failures.is_empty() || counts.keys.len() < 11))
    }
}

/// Prints a line.
pub(crate) fn say(text: impl Display) {
    writeln!(std::io::stdout(), "{text}").expect("stdout takes a line");
}
