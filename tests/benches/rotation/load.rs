//! The load: people who sign in with their password, clients that fetch tokens for those who have, and relying parties
//! that verify each ID Token at once, half-way, and just before it expires.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use barycenter_e2e::relying_party::code;
use barycenter_e2e::{Client, Verifier, Visitor};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::tally::{Kind, Tally};

/// People who sign in over and over, and clients that fetch tokens over and over.
const LOGINS: usize = 2;
const TOKENS: usize = 4;
/// What a client does between two tokens.
const PAUSE: Duration = Duration::from_millis(40);
/// When a token is verified again.
const AGAIN: [Duration; 3] = [Duration::ZERO, Duration::from_secs(7), Duration::from_secs(13)];

type Queue = mpsc::UnboundedSender<String>;

/// Verifies what comes in.
pub(crate) fn verify(mut verifier: Verifier, tally: Arc<Tally>) -> Queue {
    let (queue, mut tokens) = mpsc::unbounded_channel::<String>();
    tokio::spawn(async move {
        while let Some(token) = tokens.recv().await {
            let verdict = verifier.verify(&token).await;
            tally.note_key(&verdict.kid);
            match verdict.refusal {
                None => tally.succeeded(Kind::Verification),
                Some(reason) => tally.failed(Kind::Verification, &format!("{} ({})", reason, verdict.kid)),
            }
        }
    });
    queue
}

/// Everything that runs.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts it.
    pub(crate) fn start(client: &Client, verifiers: Vec<Queue>, tally: &Arc<Tally>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = Vec::new();
        for number in 0..LOGINS + TOKENS {
            let kind = if number < LOGINS { Kind::Login } else { Kind::Token };
            let (client, verifiers, tally) = (client.clone(), verifiers.clone(), Arc::clone(tally));
            let stop = Arc::clone(&stop);
            tasks.push(tokio::spawn(async move {
                let mut visitor = Arc::new(Visitor::new());
                let mut count = number;
                while !stop.load(Ordering::Relaxed) {
                    if kind == Kind::Login {
                        visitor = Arc::new(Visitor::new());
                    }
                    // A broken connection panics, as in every test; here it is counted.
                    let attempt = tokio::spawn(sign_in(client.clone(), Arc::clone(&visitor)));
                    match attempt.await {
                        Ok(Ok(token)) => {
                            tally.succeeded(kind);
                            count += 1;
                            spread(&token, &verifiers, count);
                        }
                        Ok(Err(refusal)) => tally.failed(kind, &refusal),
                        Err(broken) => tally.broke(kind, &broken.to_string()),
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }));
        }
        Self { stop, tasks }
    }

    /// Ends it.
    pub(crate) async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("a task ends");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Gets an ID Token.
async fn sign_in(client: Client, visitor: Arc<Visitor>) -> Result<String, String> {
    let began = Instant::now();
    let returned = visitor.authorize(&client.authorization_request(&[]), "admin", "CHANGE-ME-IN-PRODUCTION").await;
    let answer = client.redeem(&code(&returned)).await;
    let status = answer.status();
    let tokens: Value = answer.json().await.map_err(|error| error.to_string())?;
    match tokens["id_token"].as_str() {
        Some(token) => Ok(token.to_owned()),
        None => Err(format!("{status} after {:?}: {tokens}", began.elapsed())),
    }
}

/// Hands a token to one relying party after the other.
fn spread(token: &str, verifiers: &[Queue], count: usize) {
    for (turn, pause) in AGAIN.into_iter().enumerate() {
        let queue = verifiers[(count + turn) % verifiers.len()].clone();
        let token = token.to_owned();
        tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            let _ = queue.send(token);
        });
    }
}
