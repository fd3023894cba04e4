//! How old a process's view of the keyring is, and which of its clocks may be believed.
//!
//! A process can be stopped for a while, and so can a whole machine; a clock can be put forward. Whoever wakes up must
//! not sign or publish by what it knew, nor take the new time for a reason to hurry: time that no clock has counted
//! has not passed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::keyring::life::LAG;
use crate::model::Timestamp;

/// How far the wall clock may be ahead of what the machine has counted, in seconds: it is read in whole seconds, and
/// its rate is corrected a little all the time.
const TOLERANCE: i64 = 2;

/// How long to leave a database alone that has not answered.
const PAUSE: Duration = Duration::from_secs(1);

/// When the keyring was read.
pub(super) struct View {
    read: Mutex<Read>,
    /// Whether somebody sees to it that the view stays new.
    is_tended: AtomicBool,
}

#[derive(Clone, Copy)]
struct Read {
    at: Instant,
    wall: Timestamp,
    failed: Option<Instant>,
}

impl View {
    pub(super) fn new(at: Instant, wall: Timestamp) -> Self {
        Self { read: Mutex::new(Read { at, wall, failed: None }), is_tended: AtomicBool::new(false) }
    }

    fn read(&self) -> Read {
        *self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a reading that began then.
    pub(super) fn note(&self, at: Instant, wall: Timestamp) {
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Read { at, wall, failed: None };
    }

    /// Notes that a reading has failed; returns whether it is the first since one succeeded.
    pub(super) fn note_failure(&self, at: Instant) -> bool {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).failed.replace(at).is_none()
    }

    /// Returns whether a reading began after `instant`.
    pub(super) fn is_since(&self, instant: Instant) -> bool {
        self.read().at >= instant
    }

    /// Returns whether the view is so new that it may be signed and published by, whatever any clock says.
    pub(super) fn is_fresh(&self, at: Instant, wall: Timestamp) -> bool {
        let read = self.read();
        is_recent(at, read.at) && wall.since(read.wall).abs() <= LAG
    }

    /// Returns whether to read now: not if that has just failed.
    pub(super) fn may_read(&self, at: Instant) -> bool {
        self.read().failed.is_none_or(|failed| at.saturating_duration_since(failed) >= PAUSE)
    }

    /// Remembers that from now on somebody sees to it that the view stays new.
    pub(super) fn tend(&self) {
        self.is_tended.store(true, Ordering::Relaxed);
    }

    /// Returns whether the view should be newer than it is.
    pub(super) fn is_neglected(&self, at: Instant) -> bool {
        self.is_tended.load(Ordering::Relaxed) && !is_recent(at, self.read().at)
    }
}

fn is_recent(at: Instant, read: Instant) -> bool {
    at.saturating_duration_since(read) <= Duration::from_secs(LAG.unsigned_abs())
}

/// A wall clock that is not believed when it jumps ahead: the time that it skipped counts only after everything that
/// waits has waited.
#[derive(Debug, Default)]
pub(super) struct SteadyClock {
    last: Option<(Timestamp, Instant)>,
    /// The seconds that were skipped, and until when they do not count.
    skipped: Option<(i64, Instant)>,
}

impl SteadyClock {
    /// Returns the time that has surely been reached; `hold`: how long the longest wait is.
    pub(super) fn reading(&mut self, wall: Timestamp, at: Instant, hold: Duration) -> Timestamp {
        if self.skipped.is_some_and(|(_, until)| at >= until) {
            self.skipped = None;
        }
        if let Some((last_wall, last_at)) = self.last.replace((wall, at)) {
            let counted = i64::try_from(at.saturating_duration_since(last_at).as_secs()).unwrap_or(i64::MAX);
            let jump = wall.since(last_wall).saturating_sub(counted);
            if jump > TOLERANCE {
                let before = self.skipped.map_or(0, |(seconds, _)| seconds);
                self.skipped = Some((before.saturating_add(jump), at + hold));
                tracing::warn!(
                    seconds = jump,
                    "the clock was put forward; signing keys take their next steps later for it"
                );
            }
        }
        wall.plus(-self.skipped.map_or(0, |(seconds, _)| seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);
    const HOLD: Duration = Duration::from_secs(600);

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_view_ages_by_any_clock() {
        let start = Instant::now();
        let view = View::new(start, NOW);
        assert!(view.is_fresh(after(start, 5), NOW.plus(5)));
        assert!(!view.is_fresh(after(start, 6), NOW.plus(1)), "the process was stopped, and the clock put back");
        assert!(!view.is_fresh(after(start, 1), NOW.plus(600)), "the machine was asleep");
        assert!(!view.is_fresh(after(start, 1), NOW.plus(-600)), "the clock was put back");
        assert!(!view.is_neglected(after(start, 60)), "nobody promised to look");
        view.tend();
        assert!(view.is_neglected(after(start, 60)) && !view.is_neglected(after(start, 5)));
    }

    #[test]
    fn a_database_that_is_away_is_not_asked_by_every_request() {
        let start = Instant::now();
        let view = View::new(start, NOW);
        assert!(view.note_failure(after(start, 9)) && !view.note_failure(after(start, 10)));
        assert!(!view.may_read(start + Duration::from_millis(10_500)));
        assert!(view.may_read(after(start, 11)));
        view.note(after(start, 11), NOW.plus(11));
        assert!(view.may_read(after(start, 11)) && view.is_since(after(start, 11)));
    }

    #[test]
    fn time_that_was_skipped_counts_late() {
        let (start, mut clock) = (Instant::now(), SteadyClock::default());
        let mut reading =
            |wall: i64, counted: u64| clock.reading(NOW.plus(wall), after(start, counted), HOLD).since(NOW);
        assert_eq!(reading(0, 0), 0);
        assert_eq!(reading(3, 2), 3, "whole seconds");
        assert_eq!(reading(3605, 4), 5, "an hour ahead within two seconds");
        assert_eq!(reading(3610, 9), 10);
        assert_eq!(reading(3600 + 605, 604), 3600 + 605, "by now everything has waited");
        assert_eq!(reading(705, 704), 705, "put back");
        assert_eq!(reading(715, 714), 715);
    }
}
