//! What ends a command badly: an exit code, a message, the things that it happened to, and the way out.

use std::error::Error;
use std::process::ExitCode;

use barycenter_core::keyring::KeyringError;
use barycenter_core::reconcile::ReconcileError;
use barycenter_core::store::StoreError;

use crate::app::AppError;
use crate::cli::output::note;
use crate::listen::ServeError;

/// How a command ends; the numbers are an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    /// Failed while running.
    Failed = 1,
    /// The arguments, the configuration or a file are wrong; nothing was changed.
    Usage = 2,
    /// `sync-users`: failed.
    SyncFailed = 3,
    /// `sync-users`: somebody else owns it, or schema and program do not fit.
    Conflict = 6,
    /// `sync-users`: a guard stopped it; nothing was changed.
    Refused = 7,
    /// `sync-users`: trying again may help.
    Unavailable = 8,
    /// SIGINT; what was under way is rolled back.
    Interrupted = 130,
    /// SIGTERM; what was under way is rolled back.
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failure as the person at the terminal gets to see it.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    /// How `sync-users` ends with the same failure.
    sync_exit: Exit,
    message: String,
    details: Vec<String>,
    hints: Vec<String>,
}

impl Failure {
    /// Returns a failure without details and hints.
    pub(super) fn new(exit: Exit, message: impl Into<String>) -> Self {
        let sync_exit = if exit == Exit::Failed { Exit::SyncFailed } else { exit };
        Self { exit, sync_exit, message: message.into(), details: Vec::new(), hints: Vec::new() }
    }

    /// Returns the failure that an error is, causes included.
    fn of(error: &(dyn Error + 'static), sync_exit: Exit) -> Self {
        let mut failure = Self { sync_exit, ..Self::new(Exit::Failed, error.to_string()) };
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Many libraries repeat the cause in their own message.
            if !failure.message.contains(&text) {
                failure.message.push_str(&format!(": {text}"));
            }
            cause = error.source();
        }
        failure
    }

    /// Adds one of the things that it happened to.
    pub(super) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    /// Adds a way out.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Says which database it was, if the database was away. `address` holds no password.
    pub(super) fn at(self, address: &str) -> Self {
        if self.sync_exit != Exit::Unavailable {
            return self;
        }
        self.hint(format!("is the database there, and may it be reached from here? database.url is {address}"))
    }

    /// Ends with this code instead.
    pub(super) fn ending(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// Ends as `baryctl users sync` would.
    pub(super) fn of_sync(mut self) -> Self {
        self.exit = self.sync_exit;
        self
    }

    /// Prints it and returns the exit code.
    pub(super) fn report(&self) -> ExitCode {
        note(&format!("error: {}", self.message));
        for detail in &self.details {
            note(&format!("  {detail}"));
        }
        for hint in &self.hints {
            note(&format!("  hint: {hint}"));
        }
        self.exit.into()
    }
}

/// How `sync-users` ends with a failure of the store.
fn store_exit(error: &StoreError) -> Exit {
    match error {
        StoreError::Unavailable(_) => Exit::Unavailable,
        StoreError::Conflict(_) | StoreError::NewerSchema { .. } | StoreError::OlderSchema { .. } => Exit::Conflict,
        _ => Exit::SyncFailed,
    }
}

fn app_exit(error: &AppError) -> Exit {
    match error {
        AppError::Store(error) | AppError::Keyring(KeyringError::Store(error)) => store_exit(error),
        AppError::Keyring(KeyringError::OtherRoot { .. } | KeyringError::RootMissing { .. }) => Exit::Conflict,
        AppError::Keyring(_) | AppError::Hashing(_) | AppError::Metrics(_) => Exit::SyncFailed,
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::of(&error, store_exit(&error))
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::of(&error, app_exit(&error))
    }
}

impl From<ReconcileError> for Failure {
    fn from(error: ReconcileError) -> Self {
        let exit = match &error {
            ReconcileError::Store(error) => store_exit(error),
            ReconcileError::Hashing(_) => Exit::SyncFailed,
            ReconcileError::File(_) => Exit::Usage,
        };
        Self::of(&error, exit)
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        let exit = match &error {
            ServeError::App(error) => app_exit(error),
            _ => Exit::SyncFailed,
        };
        Self::of(&error, exit)
    }
}
