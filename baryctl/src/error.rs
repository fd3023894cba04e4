//! What can end a command: a kind, which fixes the exit code, a message, what lies behind it, and the way out.
//!
//! The exit codes are an interface: a Kubernetes Job decides by them whether to try again. [`Exit`] is the whole
//! table; `baryctl help exit-codes` prints it.

use std::io;
use std::process::ExitCode;

use barycenter_core::store::StoreError;
use thiserror::Error;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done; no differences; the condition holds.
    Ok = 0,
    /// Differences exist; the condition does not hold.
    No = 1,
    /// A bad flag, file or value; nothing was changed.
    Usage = 2,
    /// The server refused something, or some of several items failed.
    Failed = 3,
    /// No token, a wrong one, or one without permission.
    Auth = 4,
    /// The named thing does not exist.
    NotFound = 5,
    /// It exists already, somebody else owns it, or versions do not fit together.
    Conflict = 6,
    /// A guard stopped it; nothing was changed.
    Refused = 7,
    /// Unreachable, timed out, busy: trying again may help.
    Unavailable = 8,
    /// A fault of the program itself.
    Bug = 70,
    /// SIGINT.
    Interrupted = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// Every code with its name, its meaning, and whether trying the same again may help.
    pub const TABLE: [(Self, &'static str, &'static str, &'static str); 12] = [
        (Self::Ok, "ok", "done; no differences", "-"),
        (
            Self::No,
            "no",
            "there are differences; migrations are pending; a check failed; a condition does not hold; a backup is damaged",
            "-",
        ),
        (Self::Usage, "usage", "a flag, a file or a value is wrong; nothing was changed", "no"),
        (Self::Failed, "failed", "the server or the database refused something", "no"),
        (Self::Auth, "auth", "no token, a wrong token, or not permitted", "no"),
        (Self::NotFound, "not-found", "the named thing does not exist", "no"),
        (Self::Conflict, "conflict", "exists already; owned by somebody else; schema and program do not fit", "no"),
        (Self::Refused, "refused", "a guard stopped it or a confirmation is missing; nothing was changed", "no"),
        (
            Self::Unavailable,
            "unavailable",
            "unreachable, timed out, busy, another sync under way; finished batches stay",
            "yes",
        ),
        (Self::Bug, "bug", "a fault of baryctl itself", "no"),
        (Self::Interrupted, "interrupted", "SIGINT; finished batches stay, running it again converges", "yes"),
        (Self::Terminated, "terminated", "SIGTERM; finished batches stay, running it again converges", "yes"),
    ];

    /// Returns the number that the process ends with.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::TABLE.iter().find(|(code, ..)| *code == self).map_or("", |(_, name, ..)| name)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

/// A failure as the person at the terminal, or the program that reads `-o json`, gets to see it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct CtlError {
    /// The code to end with. [`Exit::Ok`] stands for a reader that has heard enough: a closed pipe.
    pub exit: Exit,
    /// What happened: lower-case, no full stop.
    pub message: String,
    /// One line for each thing that it happened to.
    pub details: Vec<String>,
    /// The way out.
    pub hints: Vec<String>,
}

impl CtlError {
    /// Returns an error without details and hints.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), details: Vec::new(), hints: Vec::new() }
    }

    /// Returns a usage error.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Adds a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds one of the things that it happened to.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    /// Returns whether there is nothing to report: the reader of stdout went away.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        self.exit == Exit::Ok
    }
}

/// Failing to write to stdout. A closed pipe is no failure: `baryctl users list | head -1`.
impl From<io::Error> for CtlError {
    fn from(error: io::Error) -> Self {
        let exit = if error.kind() == io::ErrorKind::BrokenPipe { Exit::Ok } else { Exit::Failed };
        Self::new(exit, format!("cannot write the output: {error}"))
    }
}

impl From<StoreError> for CtlError {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::Unavailable(_) => Exit::Unavailable,
            StoreError::UnknownStep { .. } => Exit::Usage,
            StoreError::Conflict(_)
            | StoreError::NewerSchema { .. }
            | StoreError::OlderSchema { .. }
            | StoreError::BehindSchema { .. } => Exit::Conflict,
            _ => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lists_every_code_once() {
        let numbers: Vec<u8> = Exit::TABLE.iter().map(|(exit, ..)| exit.number()).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 70, 130, 143]);
        assert_eq!(Exit::NotFound.name(), "not-found");
    }

    #[test]
    fn a_closed_pipe_is_a_success() {
        let error = CtlError::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(error.is_closed_pipe());
        let error = CtlError::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(error.exit, Exit::Failed);
    }
}
