//! How often something may be tried: a burst, and then one try at a time (the generic cell rate algorithm). A throttle
//! slows down and never locks: after [`Limit::interval`] seconds there is always another try.

use crate::model::Timestamp;

/// A limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many tries there are at first.
    pub burst: i64,
    /// How many seconds each try costs.
    pub interval: i64,
}

impl Limit {
    /// Returns how many seconds to wait before the next try; `None`: it may be tried now. `free_at` is when all that was
    /// charged is paid off.
    #[must_use]
    pub fn wait(self, free_at: Option<Timestamp>, now: Timestamp) -> Option<i64> {
        let owed = free_at.map_or(0, |free_at| free_at.since(now)).max(0);
        let allowed = self.interval.saturating_mul(self.burst.saturating_sub(1));
        (owed > allowed).then(|| owed.saturating_sub(allowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_burst_there_is_one_try_an_interval() {
        let limit = Limit { burst: 3, interval: 60 };
        let now = Timestamp::from_unix(1000);
        assert_eq!(limit.wait(None, now), None);
        let mut free_at = now;
        for _ in 0..3 {
            assert_eq!(limit.wait(Some(free_at), now), None);
            free_at = free_at.plus(60);
        }
        assert_eq!(limit.wait(Some(free_at), now), Some(60));
        assert_eq!(limit.wait(Some(free_at), now.plus(59)), Some(1));
        assert_eq!(limit.wait(Some(free_at), now.plus(60)), None);
        assert_eq!(limit.wait(Some(free_at), now.plus(100_000)), None, "what is paid off is forgotten");
    }
}
