//! Requests from several clients at a time, and what they cost the process that answers.

use std::sync::Arc;

use barycenter_e2e::measure::processor_time;
use futures_util::future::join_all;

/// How many ask at a time: enough for the server never to wait for them.
pub(crate) const CLIENTS: usize = 32;

/// How often a rate is measured. The best counts: whatever else the machine does only takes away from it.
const ROUNDS: usize = 3;

/// Measures [`rate`] in rounds, each with its part of what there is to do; returns the best.
pub(crate) async fn best_rate<T, W>(id: u32, mut pieces: Vec<T>, work: impl Fn(T) -> W) -> f64
where
    T: Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let part = pieces.len().div_ceil(ROUNDS);
    let mut best = 0.0;
    while !pieces.is_empty() {
        let rest = pieces.split_off(part.min(pieces.len()));
        best = rate(id, std::mem::replace(&mut pieces, rest), &work).await.max(best);
    }
    best
}

/// Has `CLIENTS` tasks do `work`, each with its own part of what there is to do; returns how many pieces the process
/// `id` got done in a second of its processor time.
async fn rate<T, W>(id: u32, pieces: Vec<T>, work: impl Fn(T) -> W) -> f64
where
    T: Send + 'static,
    W: Future<Output = ()> + Send + 'static,
{
    let count = pieces.len();
    let mut parts: Vec<Vec<W>> = (0..CLIENTS).map(|_| Vec::new()).collect();
    for (place, piece) in pieces.into_iter().enumerate() {
        parts.get_mut(place % CLIENTS).expect("a part").push(work(piece));
    }
    let before = processor_time(id).expect("the server runs");
    let tasks = parts.into_iter().map(|part| {
        tokio::spawn(async move {
            for piece in part {
                piece.await;
            }
        })
    });
    join_all(tasks).await.into_iter().for_each(|ended| ended.expect("a client ends"));
    let after = processor_time(id).expect("the server runs");
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let count = count as f64;
    count / (after - before)
}

/// A client that keeps its connections.
pub(crate) fn http() -> Arc<reqwest::Client> {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
    Arc::new(client.expect("an HTTP client"))
}
