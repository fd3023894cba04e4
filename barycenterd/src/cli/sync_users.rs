//! `sync-users --file FILE`: makes the users and clients match a file and exits, as an init container or a job does.
//!
//! The file is read and checked before anything is opened, so that a wrong file changes nothing. The same engine as
//! `baryctl sync`; conflicts are skipped unless told otherwise, so that nobody can keep a server from starting by
//! registering a name. The last line is the one worth reading.

use std::io::stdin;
use std::process;
use std::sync::Arc;

use barycenter_core::clock::SystemClock;
use barycenter_core::config::Config;
use barycenter_core::model::Username;
use barycenter_core::reconcile::{
    Adoption, Change, Checked, Counts, Guards, Intent, Kind, Lease, Observer, OnConflict, Order, Outcome, Plan, Prune,
    ReconcileError, Request, Source, UsersFileError, Values, Verdict, run,
};

use crate::app::App;
use crate::cli::Environment;
use crate::cli::arguments::{OnConflictChoice, PruneChoice, SyncUsersArguments};
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::{note, print};

/// The name that stands for everything that nobody manages.
const ALL: &str = "all";

/// What there is to do: a file that has been checked, and how to apply it.
pub(super) struct Job {
    source: Source,
    checked: Checked,
    order: Order,
}

impl Job {
    /// Reads and checks the file.
    pub(super) fn read(arguments: &SyncUsersArguments, environment: &Environment) -> Result<Self, Failure> {
        let mut values = Values::default();
        if !arguments.env.is_empty() {
            let variables = environment.clone();
            let look_up = move |name: &str| variables.get(name).cloned();
            values = values.with_environment(arguments.env.clone(), Arc::new(look_up));
        }
        if let Some(folder) = &arguments.secrets_dir {
            values = values.with_folder(folder.clone());
        }
        let files = std::slice::from_ref(&arguments.file);
        let mut source = Source::open(files, &values, &mut stdin().lock()).map_err(unusable)?;
        let checked = source.check().map_err(unusable)?;
        let intent = Intent { adoption: adoption(&arguments.adopt)?, ..Intent::default() };
        let prune = match arguments.prune {
            PruneChoice::Keep => Prune::Keep,
            PruneChoice::Disable => Prune::Disable,
            PruneChoice::Delete => Prune::Delete,
        };
        let order = Order {
            request: Request { kinds: Kind::ALL.to_vec(), intent, prune },
            guards: Guards {
                max_prune: arguments.max_prune.unwrap_or_default(),
                allow_empty: arguments.allow_empty,
                expect: None,
            },
            on_conflict: match arguments.on_conflict {
                OnConflictChoice::Fail => OnConflict::Fail,
                OnConflictChoice::Skip => OnConflict::Skip,
            },
            patience: arguments.lock_timeout.as_duration(),
        };
        Ok(Self { source, checked, order })
    }

    /// Opens the deployment, applies the file and says what was done.
    pub(super) async fn run(mut self, config: Config) -> Result<(), Failure> {
        warn_of_samples(&self.checked.samples);
        let app = App::open(config, Arc::new(SystemClock)).await.map_err(|error| Failure::from(error).of_sync())?;
        let who = format!("barycenterd sync-users, process {}", process::id());
        let lease = Lease::new(self.checked.manager.clone(), &who);
        let verdict = run(&app.reconciler, &mut self.source, &self.checked, &self.order, &lease, &mut Warnings).await;
        if let Err(error) = app.store.close().await {
            tracing::warn!(%error, "the database did not close cleanly");
        }
        self.report(verdict.map_err(|error| Failure::from(error).of_sync())?)
    }

    fn report(&self, verdict: Verdict) -> Result<(), Failure> {
        let name = self.source.name();
        match verdict {
            Verdict::Busy(holder) => {
                let message = format!("{name}: another sync is under way ({holder}); nothing was changed");
                Err(Failure::new(Exit::Unavailable, message).hint("try again, or wait longer: --lock-timeout 5m"))
            }
            Verdict::Clean(plan) => {
                self.note_leftovers(&plan.counts);
                print(&format!("nothing to do: {} in {name} match ({})\n", self.size(), words(&plan.counts)))
            }
            Verdict::Conflicts(plan) => Err(conflicting(&plan.conflicts, &format!("{name}: nothing was changed"))),
            Verdict::Refused(plan, refusal) => {
                let mut failure = Failure::new(Exit::Refused, format!("{refusal}; nothing was changed"));
                let first: Vec<&str> = plan.pruned().take(5).map(|one| one.key.as_str()).collect();
                if !first.is_empty() {
                    failure = failure.detail(format!("first: {}", first.join(", ")));
                }
                Err(failure.hint("if this is intended: --max-prune N, and --allow-empty for an empty file"))
            }
            Verdict::Done(_, outcome) => self.done(&outcome),
        }
    }

    fn done(&self, outcome: &Outcome) -> Result<(), Failure> {
        let name = self.source.name();
        let counts = &outcome.counts;
        if outcome.lease_lost {
            let message = format!("{name}: another sync took over after {}; run the same command again", words(counts));
            return Err(Failure::new(Exit::Unavailable, message));
        }
        if outcome.failed > 0 {
            let rest = if counts.changes() == 0 { "nothing was changed".to_owned() } else { words(counts) };
            return Err(conflicting(&outcome.failures, &format!("{name}: {rest}; run the same command again")));
        }
        self.note_leftovers(counts);
        print(&format!("{name}: {}\n", words(counts)))
    }

    /// `2 users`, `2 users and 1 clients`
    fn size(&self) -> String {
        let parts =
            self.checked.kinds.iter().map(|kind| format!("{} {}", self.checked.index.count(*kind), kind.list()));
        parts.collect::<Vec<_>>().join(" and ")
    }

    fn note_leftovers(&self, counts: &Counts) {
        let left = counts.no_longer_in_file;
        if left > 0 {
            let manager = &self.checked.manager;
            note(&format!(
                "note: {left} are managed by {manager} but no longer in it; they are left as they are (--prune disable acts on them)"
            ));
        }
    }
}

/// Warns of conflicts as they are found.
struct Warnings;

impl Observer<ReconcileError> for Warnings {
    fn planned(&mut self, plan: &Plan) -> Result<(), ReconcileError> {
        for change in &plan.conflicts {
            note(&format!("warning: {}", in_words(change)));
            if let Some(hint) = &change.hint {
                note(&format!("  hint: {hint}"));
            }
        }
        Ok(())
    }
}

/// Every fault of the file, each with its place.
fn unusable(error: UsersFileError) -> Failure {
    let failure = Failure::new(Exit::Usage, error.to_string());
    match error {
        UsersFileError::Unreadable { .. } | UsersFileError::Changed { .. } => failure,
        UsersFileError::Faults { faults, total, .. } => {
            let untold = total - faults.len();
            let failure = faults.iter().fold(failure, |failure, fault| failure.detail(fault.to_string()));
            if untold > 0 { failure.detail(format!("and {untold} more")) } else { failure }
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
        adoption.names.extend([username.folded().to_owned(), name.clone()]);
    }
    Ok(adoption)
}

/// Whoever has read the guide knows these passwords.
fn warn_of_samples(names: &[String]) {
    if !names.is_empty() {
        let names = names.join(", ");
        note(&format!(
            "warning: SAMPLE PASSWORD in use for {names}: everybody who has read the guide can sign in; change it in the file"
        ));
    }
}

/// `2 created, 0 updated, 0 unchanged`, and what else happened.
fn words(counts: &Counts) -> String {
    let mut text = format!("{} created, {} updated, {} unchanged", counts.create, counts.update, counts.unchanged);
    for (number, word) in
        [(counts.disable, "disabled"), (counts.delete, "deleted"), (counts.conflict, "skipped because of conflicts")]
    {
        if number > 0 {
            text.push_str(&format!(", {number} {word}"));
        }
    }
    text
}

fn conflicting(conflicts: &[Change], message: &str) -> Failure {
    let failure = Failure::new(Exit::Conflict, format!("conflicts in {message}"));
    conflicts.iter().fold(failure, |failure, change| {
        let hint = change.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        failure.detail(format!("{}{hint}", in_words(change)))
    })
}

/// `carol: registered herself on …`
fn in_words(change: &Change) -> String {
    format!("{}: {}", change.key, change.message.as_deref().unwrap_or("is in conflict"))
}
