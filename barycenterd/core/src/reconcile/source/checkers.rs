//! Checking entries on every processor: each is sound or not by itself, and names are put in order afterwards.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{Scope, ScopedJoinHandle, available_parallelism};

use crate::reconcile::change::Kind;
use crate::reconcile::source::entries::read;
use crate::reconcile::source::index::Index;
use crate::reconcile::source::open::MOST_SAMPLES;
use crate::reconcile::source::parsed::Parsed;
use crate::reconcile::source::reader::Fault;
use crate::reconcile::source::scan::Position;
use crate::reconcile::source::values::Values;
use crate::reconcile::source::{MOST_FAULTS, UsersFileError};

/// How many bytes of entries are handed over at a time.
const LOT: usize = 64 * 1024;

/// Where an entry stands in a file.
pub(super) struct Place {
    pub(super) kind: Kind,
    /// Its place in the list.
    pub(super) index: usize,
    /// Where it begins.
    pub(super) position: Position,
}

/// Entries that are handed over together.
#[derive(Default)]
struct Lot {
    /// Their texts, one behind the other.
    text: Vec<u8>,
    /// Each one's place, and where its text ends.
    entries: Vec<(Place, usize)>,
}

/// Faults of one file, as many as are told, and how many there are.
#[derive(Default)]
pub(super) struct Faults {
    told: Vec<Fault>,
    total: usize,
}

impl Faults {
    pub(super) fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        for fault in faults {
            self.total += 1;
            if self.told.len() < MOST_FAULTS {
                self.told.push(fault);
            }
        }
    }

    /// Adds what somebody else has found: the first of both are among the first of each.
    pub(super) fn merge(&mut self, other: Self) {
        self.total += other.total;
        self.told.extend(other.told);
    }

    pub(super) fn into_result(mut self, file: &str) -> Result<(), UsersFileError> {
        if self.total == 0 {
            return Ok(());
        }
        self.told.sort_by_key(|fault| (fault.line, fault.column));
        self.told.truncate(MOST_FAULTS);
        Err(UsersFileError::Faults { file: file.to_owned(), faults: self.told, total: self.total })
    }
}

/// What one thread has found.
pub(super) struct Found {
    pub(super) faults: Faults,
    pub(super) index: Index,
    /// The first users whose passwords are samples, by the place of their entries.
    pub(super) samples: Vec<(usize, String)>,
}

/// Takes entries, and hands them to threads.
pub(super) struct Checkers<'scope> {
    lots: SyncSender<Lot>,
    threads: Vec<ScopedJoinHandle<'scope, Found>>,
    lot: Lot,
}

impl<'scope> Checkers<'scope> {
    /// Starts the threads; `index` has the key under which names are noted.
    pub(super) fn start<'env>(scope: &'scope Scope<'scope, 'env>, values: &'env Values, index: &'env Index) -> Self {
        let count = available_parallelism().map_or(1, std::num::NonZero::get);
        let (lots, receiver) = sync_channel(count);
        let receiver = Arc::new(Mutex::new(receiver));
        let start = |_| {
            let receiver = Arc::clone(&receiver);
            scope.spawn(move || check(&receiver, values, index.like()))
        };
        Self { lots, threads: (0..count).map(start).collect(), lot: Lot::default() }
    }

    /// Takes an entry.
    pub(super) fn take(&mut self, place: Place, text: &[u8]) {
        self.lot.text.extend_from_slice(text);
        self.lot.entries.push((place, self.lot.text.len()));
        if self.lot.text.len() >= LOT {
            self.hand_over();
        }
    }

    /// Returns what the threads have found.
    pub(super) fn end(mut self) -> Vec<Found> {
        self.hand_over();
        drop(self.lots);
        let found = self.threads.into_iter().map(|thread| thread.join());
        found.map(|found| found.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    }

    fn hand_over(&mut self) {
        // Threads that have panicked take nothing, and say so in the end.
        let _ = self.lots.send(std::mem::take(&mut self.lot));
    }
}

/// Checks entries until there are no more.
fn check(lots: &Mutex<Receiver<Lot>>, values: &Values, index: Index) -> Found {
    let mut found = Found { faults: Faults::default(), index, samples: Vec::new() };
    loop {
        let Ok(lot) = lots.lock().map(|lots| lots.recv()) else { return found };
        let Ok(lot) = lot else { return found };
        let mut start = 0;
        for (Place { kind, index, position }, end) in lot.entries {
            let text = lot.text.get(start..end).unwrap_or_default();
            start = end;
            match read(text, kind, index, position, values) {
                Err(wrong) => found.faults.add(wrong),
                Ok(parsed) => found.note(index, &parsed),
            }
        }
    }
}

impl Found {
    /// Notes the names of an entry that is sound, and whether its password is one that guides show.
    fn note(&mut self, place: usize, parsed: &Parsed<'_>) {
        self.index.add(&parsed.names());
        if self.samples.len() < MOST_SAMPLES && parsed.has_sample_password() {
            self.samples.push((place, parsed.name().to_owned()));
        }
    }
}
