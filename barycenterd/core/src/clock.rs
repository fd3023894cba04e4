//! Where the time comes from: the only place that reads the system's clock.
//!
//! Everything else takes `now` as a parameter or asks the [`Clock`] that it was given, so that tests decide what
//! time it is.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::model::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Returns the current time in whole seconds.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(chrono::Utc::now().timestamp())
    }
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// Returns a clock that shows `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.as_unix()))
    }

    /// Moves the clock by `seconds`; a negative number moves it back.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::Relaxed))
    }
}
