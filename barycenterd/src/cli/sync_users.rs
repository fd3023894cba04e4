//! `sync-users --file FILE`: makes the users match a file and exits, as an init container or a job does.
//!
//! The file is read and checked before anything is opened, so that a wrong file changes nothing. The same engine as
//! `baryctl users sync`; conflicts are skipped unless told otherwise, so that nobody can keep a server from starting
//! by registering a name. The last line is the one worth reading.

use std::sync::Arc;

use barycenter_core::clock::SystemClock;
use barycenter_core::config::Config;
use barycenter_core::model::Username;
use barycenter_core::reconcile::users_file::{self, UsersFile, UsersFileError};
use barycenter_core::reconcile::{Adoption, Change, Comparison, OnConflict, Operation, Outcome, sync};

use crate::app::App;
use crate::cli::arguments::{OnConflictChoice, SyncUsersArguments};
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::{note, print};

/// The name that stands for every account that nobody manages.
const ALL: &str = "all";

/// What there is to do: a file that has been checked, and how to apply it.
pub(super) struct Job {
    name: String,
    file: UsersFile,
    adoption: Adoption,
    on_conflict: OnConflict,
}

impl Job {
    /// Reads and checks the file.
    pub(super) fn read(arguments: &SyncUsersArguments) -> Result<Self, Failure> {
        Ok(Self {
            name: arguments.file.display().to_string(),
            file: users_file::read(&arguments.file).map_err(unusable)?,
            adoption: adoption(&arguments.adopt)?,
            on_conflict: match arguments.on_conflict {
                OnConflictChoice::Fail => OnConflict::Fail,
                OnConflictChoice::Skip => OnConflict::Skip,
            },
        })
    }

    /// Opens the deployment, applies the file and says what was done.
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        warn_of_samples(&self.file);
        let app = App::open(config, Arc::new(SystemClock)).await.map_err(|error| Failure::from(error).of_sync())?;
        let outcome = sync(&app.reconciler, &self.file, &self.adoption, self.on_conflict).await;
        if let Err(error) = app.store.close().await {
            tracing::warn!(%error, "the database did not close cleanly");
        }
        report(&self.name, &self.file, outcome.map_err(|error| Failure::from(error).of_sync())?)
    }
}

/// Every fault of the file, each with its place.
fn unusable(error: UsersFileError) -> Failure {
    let failure = Failure::new(Exit::Usage, error.to_string());
    match error {
        UsersFileError::Unreadable { .. } => failure,
        UsersFileError::Faults { faults, .. } => {
            faults.iter().fold(failure, |failure, fault| failure.detail(fault.to_string()))
        }
    }
}

fn adoption(names: &[String]) -> Result<Adoption, Failure> {
    let mut adoption = Adoption::default();
    for name in names {
        if name == ALL {
            adoption.all = true;
            continue;
        }
        let username =
            Username::parse(name).map_err(|error| Failure::new(Exit::Usage, format!("--adopt {name:?}: {error}")))?;
        adoption.names.insert(username.folded().to_owned());
    }
    Ok(adoption)
}

/// Whoever has read the guide knows these passwords.
fn warn_of_samples(file: &UsersFile) {
    let names: Vec<&str> =
        file.users.iter().filter(|user| user.has_sample_password()).map(|user| user.username.as_str()).collect();
    if let [_, ..] = names.as_slice() {
        let names = names.join(", ");
        note(&format!(
            "warning: SAMPLE PASSWORD in use for {names}: everybody who has read the guide can sign in; change it in the file"
        ));
    }
}

fn report(name: &str, file: &UsersFile, outcome: Outcome) -> Result<(), Failure> {
    let manager = &file.manager;
    match outcome {
        Outcome::Clean(comparison) => {
            note_leftovers(manager.as_str(), &comparison);
            let users = file.users.len();
            print(&format!("nothing to do: {users} users in {name} match ({})\n", counts(&comparison)))
        }
        Outcome::Done(comparison) => {
            warn_of_conflicts(&comparison.changes);
            note_leftovers(manager.as_str(), &comparison);
            print(&format!("{name}: {}\n", counts(&comparison)))
        }
        Outcome::Refused(comparison) => {
            let conflicts = comparison.changes.iter().filter(|change| change.operation == Operation::Conflict);
            Err(conflicting(conflicts, &format!("{name}: nothing was changed")))
        }
        Outcome::Interrupted { done, refused } => {
            let done = done.iter().filter(|change| change.operation != Operation::Unchanged).count();
            Err(conflicting(
                refused.iter(),
                &format!("{name}: {done} changes were applied, the rest was not; run the same command again"),
            ))
        }
    }
}

/// `2 created, 0 updated, 0 unchanged`, and the conflicts, if there are any.
fn counts(comparison: &Comparison) -> String {
    let count = |operation| comparison.count(operation);
    let (created, updated, conflicts) =
        (count(Operation::Create), count(Operation::Update), count(Operation::Conflict));
    let text = format!("{created} created, {updated} updated, {} unchanged", comparison.unchanged);
    if conflicts == 0 { text } else { format!("{text}, {conflicts} skipped because of conflicts") }
}

fn warn_of_conflicts(changes: &[Change]) {
    for change in changes.iter().filter(|change| change.operation == Operation::Conflict) {
        note(&format!("warning: {}", in_words(change)));
        if let Some(hint) = &change.hint {
            note(&format!("  hint: {hint}"));
        }
    }
}

fn note_leftovers(manager: &str, comparison: &Comparison) {
    let left = comparison.no_longer_in_file;
    if left > 0 {
        note(&format!("note: {left} users are managed by {manager} but no longer in it; they are left as they are"));
    }
}

fn conflicting<'a>(conflicts: impl Iterator<Item = &'a Change>, message: &str) -> Failure {
    let failure = Failure::new(Exit::Conflict, format!("conflicts in {message}"));
    conflicts.fold(failure, |failure, change| {
        let hint = change.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        failure.detail(format!("{}{hint}", in_words(change)))
    })
}

/// `carol: registered herself on …`
fn in_words(change: &Change) -> String {
    format!("{}: {}", change.key, change.message.as_deref().unwrap_or("is in conflict"))
}
