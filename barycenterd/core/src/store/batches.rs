//! Who writes a lot gives way to who writes a little: nobody who signs in waits for a sync.
//!
//! So many batches are written at a time. While others write, it is one, and behind each the database is left to them
//! for twice as long as the batch took; a sync alone is not held up at all.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// For so long after somebody has written, somebody else is expected to.
const BUSY: Duration = Duration::from_secs(1);

/// How long the database is left to others behind a batch, in multiples of what the batch took.
const PAUSE: u32 = 2;

/// The longest pause: whoever has sent a batch waits for an answer.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// The turns of those who write a lot.
pub(super) struct Batches {
    places: Arc<Semaphore>,
    count: u32,
    times: Arc<Mutex<Times>>,
}

#[derive(Default)]
struct Times {
    /// When somebody has last written a little.
    others: Option<Instant>,
    /// Until when the database is left to others, while there are any.
    left_until: Option<Instant>,
}

/// A turn: it ends when it is dropped.
pub(crate) struct Turn {
    began: Instant,
    times: Arc<Mutex<Times>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Batches {
    /// Returns turns of which `count` are taken at a time.
    pub(super) fn new(count: u32) -> Self {
        // No machine has so many connections that this is less than `count`.
        let places = Arc::new(Semaphore::new(usize::try_from(count).unwrap_or(usize::MAX)));
        Self { places, count, times: Arc::default() }
    }

    /// Notes that somebody writes a little.
    pub(super) fn note_other(&self) {
        self.times.lock().unwrap_or_else(PoisonError::into_inner).others = Some(Instant::now());
    }

    /// Waits for a turn.
    pub(super) async fn turn(&self) -> Turn {
        let wanted = if self.is_busy() { self.count } else { 1 };
        // The semaphore is never closed.
        let place = Arc::clone(&self.places).acquire_many_owned(wanted).await.ok();
        let left_until = self.times.lock().unwrap_or_else(PoisonError::into_inner).left_until;
        if let Some(left_until) = left_until.filter(|_| self.is_busy()) {
            sleep_until(left_until).await;
        }
        Turn { began: Instant::now(), times: Arc::clone(&self.times), _place: place }
    }

    /// Waits for a turn, if there are others.
    pub(super) async fn give_way(&self) -> Option<Turn> {
        if self.is_busy() { Some(self.turn().await) } else { None }
    }

    fn is_busy(&self) -> bool {
        let others = self.times.lock().unwrap_or_else(PoisonError::into_inner).others;
        others.is_some_and(|last| last.elapsed() < BUSY)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let pause = (self.began.elapsed() * PAUSE).min(LONGEST_PAUSE);
        self.times.lock().unwrap_or_else(PoisonError::into_inner).left_until = Some(Instant::now() + pause);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;

    const BATCH: Duration = Duration::from_millis(100);

    async fn has_to_wait(batches: &Batches, time: Duration) -> bool {
        timeout(time, batches.turn()).await.is_err()
    }

    #[tokio::test(start_paused = true)]
    async fn a_sync_alone_is_not_held_up() {
        let batches = Batches::new(2);
        let (one, other) = (batches.turn().await, batches.turn().await);
        assert!(has_to_wait(&batches, BATCH).await, "two at a time");
        drop((one, other));
        assert!(!has_to_wait(&batches, Duration::ZERO).await);
        assert!(batches.give_way().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn while_others_write_batches_leave_twice_their_time_to_them() {
        let batches = Batches::new(2);
        batches.note_other();
        let turn = batches.turn().await;
        assert!(has_to_wait(&batches, BATCH / 2).await, "one at a time");
        advance(BATCH / 2).await;
        drop(turn);
        assert!(has_to_wait(&batches, BATCH * 2 - Duration::from_millis(2)).await);
        assert!(!has_to_wait(&batches, Duration::from_millis(4)).await);
        assert!(batches.give_way().await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_batch_is_not_followed_by_a_long_pause() {
        let batches = Batches::new(1);
        let turn = batches.turn().await;
        advance(Duration::from_secs(60)).await;
        batches.note_other();
        drop(turn);
        assert!(!has_to_wait(&batches, LONGEST_PAUSE + Duration::from_millis(2)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_after_the_last_of_the_others_a_sync_is_alone() {
        let batches = Batches::new(1);
        batches.note_other();
        drop(batches.turn().await);
        advance(BUSY).await;
        assert!(batches.give_way().await.is_none());
    }
}
