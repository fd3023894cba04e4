//! The command tree. The doc comments are the help; [`examples`] adds an example and the exit codes to every command;
//! completions and man pages come from [`command`].
//!
//! Flags hold what was typed and nothing else: [`crate::settings`] joins them with the environment. No argument reads
//! a variable by itself, so no help text ever shows a variable's value.

mod arguments;
mod client_further;
pub mod examples;
mod global;
mod jobs;
mod log;
mod upkeep;

use clap::{Command, CommandFactory as _, Parser, Subcommand};

pub use arguments::{
    AlgorithmChoice, AuthenticationChoice, ClientCreate, ClientDelete, ClientGet, ClientList, CompletionsArguments,
    DiffArguments, ExportArguments, ExportFormat, GrantChoice, HelpArguments, ImportConflictChoice, ImportFormat,
    KeyGet, KeyImport, KeyRetire, KeyRewrap, KeyRotate, ManArguments, OnConflictChoice, PlanOutputArguments,
    PruneChoice, ReportChoice, ScopeChoice, SyncArguments, UsersExport, UsersGet, UsersImport, UsersList,
};
pub use client_further::{AccessTokenChoice, ClientFurther, RegistrationTokenArguments};
pub use global::{ColorChoice, Format, GlobalArguments, LogForm, ProgressMode, Redaction, duration};
pub use jobs::{JobStateChoice, JobsAction, JobsCancel, JobsGet, JobsList, JobsLogs, JobsTrigger};
pub use log::{LogAction, LogSet};
pub use upkeep::{
    BackupCreate, BackupRestore, BackupVerify, Condition, ConfigExplain, ConfigPrint, ConfigValidate, DbMigrate,
    DoctorArguments, StatusArguments, WaitArguments,
};

/// Administers a Barycenter OpenID Connect provider
///
/// Acts on a running server through its admin API (--server), or on the database itself through the daemon's
/// configuration (--direct).
#[derive(Debug, Parser)]
#[command(
    name = "baryctl",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: GlobalArguments,
    /// What to do.
    #[command(subcommand)]
    pub command: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Say on one screen where this acts and how it stands; exits 1 if something is wrong
    #[command(alias = "health")]
    Status(StatusArguments),
    /// Find out what is wrong, and how to mend it; exits 1 if something is
    Doctor(DoctorArguments),
    /// Wait until something holds: exits 1 if it does not in time, 8 if nothing could be reached
    Wait(WaitArguments),
    /// Show what `sync` would change; exits 0 if nothing, 1 if something
    Diff(DiffArguments),
    /// Make the live state match a file
    Sync(SyncArguments),
    /// List users, compare them with a file, and make them match it
    #[command(alias = "user", subcommand)]
    Users(UsersAction),
    /// Register and remove relying parties
    #[command(alias = "client", subcommand)]
    Clients(ClientsAction),
    /// Look at the signing keys, rotate and retire them
    #[command(alias = "key", subcommand)]
    Keys(KeysAction),
    /// See what the daemon does by itself, and have it done now
    #[command(alias = "job", subcommand)]
    Jobs(JobsAction),
    /// Choose which lines running daemons log, without a restart
    #[command(subcommand)]
    Log(LogAction),
    /// Look after the database's schema; always direct
    #[command(subcommand)]
    Db(DbAction),
    /// Back a deployment up, and bring it back; always direct
    #[command(subcommand)]
    Backup(BackupAction),
    /// Check, show and explain the daemon's configuration; local
    #[command(subcommand)]
    Config(ConfigAction),
    /// Print the version of this program; never asks a server
    Version,
    /// Print a completion script for a shell
    Completions(CompletionsArguments),
    /// Print the manual page, or write all of them to a folder
    Man(ManArguments),
    /// Print the help of a command or about a topic: exit-codes, environment, output, users-file, guards
    Help(HelpArguments),
}

/// What to do with users.
#[derive(Debug, Subcommand)]
pub enum UsersAction {
    /// List users
    List(UsersList),
    /// Show users by name
    Get(UsersGet),
    /// Show what `users sync` would change; exits 0 if nothing, 1 if something
    Diff(DiffArguments),
    /// Make the users match a file
    Sync(SyncArguments),
    /// Write a users file that `diff` finds identical
    Export(UsersExport),
    /// Make accounts from another system's file, once; to keep them in step with a file: `sync`
    Import(UsersImport),
}

/// What to do with clients.
#[derive(Debug, Subcommand)]
pub enum ClientsAction {
    /// Register a client; its secret is shown once
    Create(ClientCreate),
    /// List clients
    List(ClientList),
    /// Show clients by their id
    Get(ClientGet),
    /// Remove clients with their consents and tokens
    Delete(ClientDelete),
    /// Show what `clients sync` would change; exits 0 if nothing, 1 if something
    Diff(DiffArguments),
    /// Make the clients match a file
    Sync(SyncArguments),
    /// Write a users file that `diff` finds identical; without secrets
    Export(ExportArguments),
    /// Make a token with which clients register themselves; shown once
    RegistrationToken(RegistrationTokenArguments),
}

/// What to do with signing keys.
#[derive(Debug, Subcommand)]
pub enum KeysAction {
    /// List signing keys
    List,
    /// Show signing keys by their kid
    Get(KeyGet),
    /// Publish a new key, which signs as soon as every relying party knows it
    Rotate(KeyRotate),
    /// Take a key out of the JWKS; exits 7 while tokens need it
    Retire(KeyRetire),
    /// Bring a private key along: PEM or JWK, from a file or stdin
    Import(KeyImport),
    /// Print the published keys as a JWK Set
    Export,
    /// Encrypt the keyring under another root key; always direct
    Rewrap(KeyRewrap),
}

/// What to do with the schema.
#[derive(Debug, Subcommand)]
pub enum DbAction {
    /// Take the schema steps that are missing; does nothing if there are none
    Migrate(DbMigrate),
    /// Say which schema the database has; exits 1 if steps are missing, 6 if it is newer than this program
    Status,
}

/// What to do with the daemon's configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Check a configuration file together with the BARYCENTER__… environment
    Validate(ConfigValidate),
    /// Print the effective configuration; secrets are never shown
    Print(ConfigPrint),
    /// Explain a setting: its type, meaning, default and variable
    Explain(ConfigExplain),
}

/// What to do with backups.
#[derive(Debug, Subcommand)]
pub enum BackupAction {
    /// Make a backup while the daemon serves: the database, the root key and the JWKS mirror in one tar
    Create(BackupCreate),
    /// Find out whether a backup is whole; exits 1 if it is damaged
    Verify(BackupVerify),
    /// Put a backup in the place of what is there, which is kept; no daemon may be running
    Restore(BackupRestore),
}

/// Returns the command tree with the examples and exit codes of every command in its help.
#[must_use]
pub fn command() -> Command {
    examples::add_to(Cli::command(), "")
}

/// Returns the same tree without them.
#[must_use]
pub fn bare_command() -> Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use clap::{Arg, FromArgMatches as _};

    use super::*;

    fn every_argument(command: &Command, found: &mut Vec<(String, Arg)>) {
        found.extend(command.get_arguments().map(|argument| (command.get_name().to_owned(), argument.clone())));
        for subcommand in command.get_subcommands() {
            every_argument(subcommand, found);
        }
    }

    #[test]
    fn the_tree_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn a_kid_may_begin_with_a_hyphen_and_takes_no_flag_with_it() {
        let get = |arguments: &[&str]| {
            let matches = command().try_get_matches_from([&["baryctl", "keys", "get"], arguments].concat()).unwrap();
            let Action::Keys(KeysAction::Get(get)) = Cli::from_arg_matches(&matches).unwrap().command else { panic!() };
            (get.kid, get.more, get.pem)
        };
        let wanted = |more: &[&str], pem| ("-k1".to_owned(), more.iter().map(ToString::to_string).collect(), pem);
        assert_eq!(get(&["-k1", "--pem"]), wanted(&[], true));
        assert_eq!(get(&["--pem", "-k1", "k2"]), wanted(&["k2"], true));
        assert_eq!(get(&["--", "-k1", "-k2"]), wanted(&["-k2"], false));
        assert_eq!(get(&["-k1", "k2", "--pem"]), wanted(&["k2"], true));
    }

    #[test]
    fn no_argument_shows_the_value_of_a_variable() {
        let mut found = Vec::new();
        every_argument(&command(), &mut found);
        assert!(found.len() > 20);
        for (command, argument) in found {
            let shows = argument.get_env().is_some() && !argument.is_hide_env_values_set();
            assert!(!shows, "{command} {}", argument.get_id());
        }
    }

    #[test]
    fn no_argument_takes_a_secret() {
        let mut found = Vec::new();
        every_argument(&command(), &mut found);
        for (command, argument) in found {
            let name = argument.get_long().unwrap_or_default();
            assert!(!matches!(name, "password" | "token" | "secret" | "client-secret"), "{command} --{name}");
        }
    }

    #[test]
    fn config_is_accepted_before_and_after_the_command() {
        for arguments in [
            ["baryctl", "--config", "a.toml", "users", "list"],
            ["baryctl", "users", "--config", "a.toml", "list"],
            ["baryctl", "users", "list", "--config", "a.toml"],
        ] {
            let matches = command().try_get_matches_from(arguments).unwrap();
            let cli = Cli::from_arg_matches(&matches).unwrap();
            assert_eq!(cli.global.config.unwrap().to_str(), Some("a.toml"));
        }
    }

    #[test]
    fn the_version_line_is_exact() {
        let shown = command().try_get_matches_from(["baryctl", "--version"]).unwrap_err();
        assert_eq!(shown.to_string(), concat!("baryctl ", env!("CARGO_PKG_VERSION"), "\n"));
    }

    #[test]
    fn the_singular_is_understood() {
        assert!(command().try_get_matches_from(["baryctl", "user", "get", "alice"]).is_ok());
        assert!(command().try_get_matches_from(["baryctl", "client", "list"]).is_ok());
    }
}
