//! Keeps users and clients in step with the file that `[users]` names: at the start, and whenever the file changes.
//!
//! The same engine, rules and guards as `baryctl sync`, by one replica at a time. A file that is wrong changes nothing:
//! the last good state stays, the fault goes to the log and to the history of syncs, and the daemon stays ready. What
//! could not be done because the database or another sync was busy is tried again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use barycenter_core::config::{PruneChoice, Users};
use barycenter_core::model::Manager;
use barycenter_core::reconcile::{
    Counts, Guards, Intent, Kind, Lease, OnConflict, Order, Outcome, Prune, Request, Source, UsersFileError, Values,
    Verdict, run,
};
use barycenter_core::store::{StoreError, SyncOutcome, SyncRun};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::app::App;

/// How often the file is looked at: the kubelet itself takes up to a minute.
const INTERVAL: Duration = Duration::from_secs(2);
/// How long to wait before trying again what was not the file's fault.
const RETRY: Duration = Duration::from_secs(10);
/// How long to wait for another replica's sync to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// What tells one version of a file from another without reading it. The kubelet swaps a symbolic link: the file
/// behind it is another one then.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
}

impl Version {
    fn of(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path)?;
        let metadata = fs::metadata(&path)?;
        Ok(Self { path, length: metadata.len(), modified: metadata.modified().ok() })
    }
}

/// Why nothing, or not everything, was done.
#[derive(Debug)]
struct Trouble {
    message: String,
    counts: Counts,
    /// Whether the same file may do better later.
    again: bool,
}

/// Watches until it is dropped; returns at once if there is nothing to watch.
pub(crate) async fn watch(app: Arc<App>) {
    let Some(file) = app.config.users.file.clone() else { return };
    let mut seen: Option<Result<Version, io::ErrorKind>> = None;
    loop {
        let version = Version::of(&file).map_err(|error| error.kind());
        let is_new = seen.as_ref() != Some(&version);
        seen = Some(version);
        let again = is_new && reconcile(&app, &file).await;
        if again {
            seen = None;
            sleep(RETRY).await;
        } else if app.config.users.watch {
            sleep(INTERVAL).await;
        } else {
            return;
        }
    }
}

/// Reconciles once, tells what came of it, and returns whether to try again.
async fn reconcile(app: &Arc<App>, file: &Path) -> bool {
    let started_at = app.now();
    let name = file.display().to_string();
    let (manager, result) = attempt(app, file).await;
    let (outcome, counts, message, again) = match result {
        Ok(counts) => {
            let Counts { create, update, disable, delete, unchanged, no_longer_in_file, conflict } = counts;
            tracing::info!(
                file = name, %manager, create, update, disable, delete, unchanged, no_longer_in_file, conflict,
                "the users file is applied"
            );
            (SyncOutcome::Ok, counts, None, false)
        }
        Err(Trouble { message, counts, again }) => {
            tracing::error!(file = name, %manager, reason = message, again, "the users file is not applied");
            let outcome = if counts.changes() > 0 { SyncOutcome::Partial } else { SyncOutcome::Failed };
            (outcome, counts, Some(message), again)
        }
    };
    let origin = format!("watch {name}");
    let run = SyncRun { manager, origin, outcome, counts, message, started_at, finished_at: app.now() };
    app.metrics.record(&run);
    if let Err(error) = note(app, &run).await {
        tracing::warn!(%error, "the sync could not be noted in the history");
    }
    again
}

/// Notes a run in the history. One that changed nothing is news only if it failed, or if the one before did: replicas
/// and restarts would fill the history.
async fn note(app: &App, run: &SyncRun) -> Result<(), StoreError> {
    let runs = app.store.sync_runs();
    let is_news = run.outcome != SyncOutcome::Ok || run.counts.changes() > 0 || {
        let earlier = runs.last_from(&run.origin).await?;
        earlier
            .is_none_or(|earlier| earlier.outcome != SyncOutcome::Ok || earlier.counts.conflict != run.counts.conflict)
    };
    if is_news { runs.record(run).await } else { Ok(()) }
}

/// Reads the file and carries it out.
async fn attempt(app: &Arc<App>, file: &Path) -> (Manager, Result<Counts, Trouble>) {
    let settings = app.config.users.clone();
    let path = file.to_owned();
    let opened = spawn_blocking(move || {
        let values = settings.secrets_dir.map_or_else(Values::default, |folder| Values::default().with_folder(folder));
        let mut source = Source::open(&[path], &values, &mut io::empty())?;
        let checked = source.check()?;
        Ok::<_, UsersFileError>((source, checked))
    });
    let (mut source, checked) = match opened.await {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => return (Manager::default(), Err(trouble(described(&error), false))),
        Err(error) => return (Manager::default(), Err(trouble(error.to_string(), true))),
    };
    for name in &checked.samples {
        tracing::warn!(user = name, "has a sample password, which everybody can read in the documentation");
    }
    let lease = Lease::new(checked.manager.clone(), &format!("barycenterd, process {}", std::process::id()));
    let order = order(&app.config.users);
    let verdict = run(&app.reconciler, &mut source, &checked, &order, &lease, &mut ()).await;
    let result = match verdict {
        Ok(Verdict::Clean(plan)) => Ok(plan.counts),
        Ok(Verdict::Done(plan, outcome)) => finished(&outcome, &plan.conflicts),
        // Conflicts are skipped, so they never stand in the way here.
        Ok(Verdict::Conflicts(_)) => Err(trouble("conflicts stand in the way".to_owned(), false)),
        Ok(Verdict::Refused(_, refusal)) => Err(trouble(refusal.to_string(), false)),
        Ok(Verdict::Busy(holder)) => Err(trouble(format!("another sync is under way ({holder})"), true)),
        Err(error) => Err(trouble(error.to_string(), true)),
    };
    (checked.manager, result)
}

fn finished(outcome: &Outcome, conflicts: &[barycenter_core::reconcile::Change]) -> Result<Counts, Trouble> {
    for change in conflicts {
        let reason = change.message.as_deref().unwrap_or("is in conflict");
        tracing::warn!(key = change.key, reason, hint = change.hint, "left as it is");
    }
    let counts = outcome.counts;
    if outcome.lease_lost {
        return Err(Trouble { message: "another sync took over".to_owned(), counts, again: true });
    }
    if outcome.failed > 0 {
        let reasons = outcome
            .failures
            .iter()
            .take(5)
            .map(|change| format!("{}: {}", change.key, change.message.as_deref().unwrap_or("failed")));
        let message = format!("{} failed: {}", outcome.failed, reasons.collect::<Vec<_>>().join("; "));
        return Err(Trouble { message, counts, again: true });
    }
    Ok(counts)
}

fn trouble(message: String, again: bool) -> Trouble {
    Trouble { message, counts: Counts::default(), again }
}

/// A file's faults on one line; no secret is among them.
fn described(error: &UsersFileError) -> String {
    match error {
        UsersFileError::Faults { faults, .. } => {
            let faults: Vec<String> = faults.iter().take(5).map(ToString::to_string).collect();
            format!("{error}: {}", faults.join("; "))
        }
        _ => error.to_string(),
    }
}

fn order(settings: &Users) -> Order {
    let prune = match settings.prune {
        PruneChoice::Keep => Prune::Keep,
        PruneChoice::Disable => Prune::Disable,
        PruneChoice::Delete => Prune::Delete,
    };
    // That it can be read was checked when the settings were loaded.
    let max_prune = settings.max_prune.as_deref().and_then(|text| text.parse().ok()).unwrap_or_default();
    Order {
        request: Request { kinds: Kind::ALL.to_vec(), intent: Intent::default(), prune },
        guards: Guards { max_prune, ..Guards::default() },
        on_conflict: OnConflict::Skip,
        patience: PATIENCE,
    }
}
