//! Reading ahead: the files are read on a thread of their own while answers are awaited.

use futures_util::stream::{self, Stream};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::reconcile::change::Kind;
use crate::reconcile::probe::Probes;
use crate::reconcile::source::{EntryText, Source, UsersFileError};
use crate::reconcile::sync::{BATCH, BATCH_BYTES};

/// How many pieces are read before somebody asks for them.
const AHEAD: usize = 1;

/// Takes the pieces as they are read; an error means that nobody wants any more.
pub(super) type Pieces<T> = Sender<Result<T, UsersFileError>>;

/// A source that is being read.
pub(super) struct Reading<T, R> {
    pieces: Receiver<Result<T, UsersFileError>>,
    thread: JoinHandle<(Source, R)>,
}

impl<T: Send + 'static, R: Send + 'static> Reading<T, R> {
    /// Takes the source, which is empty until it is given back, and begins to read.
    pub(super) fn begin(source: &mut Source, read: impl FnOnce(&mut Source, &Pieces<T>) -> R + Send + 'static) -> Self {
        let mut source = std::mem::take(source);
        let (sender, pieces) = channel(AHEAD);
        let thread = spawn_blocking(move || {
            let rest = read(&mut source, &sender);
            (source, rest)
        });
        Self { pieces, thread }
    }

    /// Returns what is read, in the files' order; nothing follows an error.
    pub(super) fn pieces(&mut self) -> impl Stream<Item = Result<T, UsersFileError>> {
        stream::poll_fn(|context| self.pieces.poll_recv(context))
    }

    /// Gives the source back, and what reading it came to.
    pub(super) async fn end(self, source: &mut Source) -> R {
        drop(self.pieces);
        match self.thread.await {
            Ok((read, rest)) => {
                *source = read;
                rest
            }
            // A thread that reads is never cancelled.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// Entries that stand behind each other.
pub(super) struct EntryBatch {
    /// The place of the first.
    pub(super) first: u32,
    pub(super) texts: Vec<EntryText>,
    /// One for each entry.
    pub(super) probes: Probes,
}

/// Reads all entries of a kind, in batches.
pub(super) fn entry_batches(source: &mut Source, kind: Kind, batches: &Pieces<EntryBatch>) {
    let mut texts = match source.texts(kind) {
        Ok(texts) => texts.peekable(),
        Err(error) => return drop(batches.blocking_send(Err(error))),
    };
    let mut next = 0;
    while texts.peek().is_some() {
        if batches.blocking_send(entry_batch(&mut texts, &mut next)).is_err() {
            return;
        }
    }
}

/// Takes as many entries as fit into one batch.
fn entry_batch(
    entries: &mut impl Iterator<Item = Result<EntryText, UsersFileError>>,
    next: &mut u32,
) -> Result<EntryBatch, UsersFileError> {
    let mut batch = EntryBatch { first: *next, texts: Vec::with_capacity(BATCH), probes: Probes::with_capacity(BATCH) };
    let mut bytes = 0;
    while batch.texts.len() < BATCH
        && bytes < BATCH_BYTES
        && let Some(text) = entries.next()
    {
        let text = text?;
        bytes += text.bytes();
        text.probe(&mut batch.probes)?;
        batch.texts.push(text);
    }
    *next += u32::try_from(batch.texts.len()).unwrap_or(u32::MAX);
    Ok(batch)
}
