//! The arguments of the commands that look after a deployment: status, doctor, wait, db, backup, config.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use barycenter_core::doctor::{CATALOGUE, Group};
use clap::Args;

use crate::cli::global::duration;

/// What `status` is to say.
#[derive(Debug, Clone, Args)]
pub struct StatusArguments {
    /// Say nothing: exit 0 if the server's process answers, 1 if it says no, 8 if it cannot be reached; needs no token
    #[arg(long)]
    pub live: bool,

    /// Say nothing: exit 0 if the server is ready to serve, 1 if not, 8 if it cannot be reached; needs no token
    #[arg(long, conflicts_with = "live")]
    pub ready: bool,
}

/// What `doctor` is to look at, and what it is to find wrong.
#[derive(Debug, Clone, Args)]
pub struct DoctorArguments {
    /// Only the checks of these groups: target, config, database, keys, issuer, users
    #[arg(long, value_name = "GROUP", value_delimiter = ',', num_args = 1.., value_parser = group)]
    pub only: Vec<Group>,

    /// All checks but these: `baryctl help doctor` lists them
    #[arg(long, value_name = "ID", value_delimiter = ',', num_args = 1.., value_parser = check)]
    pub skip: Vec<String>,

    /// Exit 1 for warnings as well
    #[arg(long)]
    pub strict: bool,

    /// Before the first start: the configuration, the database and the folders only, on this machine
    #[arg(long)]
    pub pre: bool,

    /// Write a report as well: junit=FILE
    #[arg(long = "report", value_name = "REPORT", value_parser = junit)]
    pub reports: Vec<PathBuf>,
}

fn group(text: &str) -> Result<Group, String> {
    let names = || Group::ALL.map(Group::as_str).join(", ");
    Group::from_name(text).ok_or_else(|| format!("is none of {}", names()))
}

fn check(text: &str) -> Result<String, String> {
    if CATALOGUE.iter().any(|known| known.id == text) {
        return Ok(text.to_owned());
    }
    Err("is no check; `baryctl help doctor` lists them".to_owned())
}

fn junit(text: &str) -> Result<PathBuf, String> {
    match text.split_once('=') {
        Some(("junit", file)) if !file.is_empty() => Ok(file.into()),
        _ => Err("is not junit=FILE".to_owned()),
    }
}

/// What to wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The admin API answers; with --direct, the database.
    Reachable,
    /// The server's process answers.
    Live,
    /// The server is ready to serve.
    Ready,
    /// The database answers.
    Db,
    /// The database has the schema that is needed.
    Migrated,
    /// There is a user of that name.
    User(String),
    /// This key signs; without a name: any does.
    KeyActive(Option<String>),
    /// This run of a job has ended well.
    Job(String),
}

impl std::fmt::Display for Condition {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Reachable => formatter.write_str("reachable"),
            Self::Live => formatter.write_str("live"),
            Self::Ready => formatter.write_str("ready"),
            Self::Db => formatter.write_str("db"),
            Self::Migrated => formatter.write_str("migrated"),
            Self::User(name) => write!(formatter, "user={name}"),
            Self::KeyActive(None) => formatter.write_str("key-active"),
            Self::KeyActive(Some(kid)) => write!(formatter, "key-active={kid}"),
            Self::Job(run) => write!(formatter, "job={run}"),
        }
    }
}

fn condition(text: &str) -> Result<Condition, String> {
    Ok(match text.split_once('=') {
        None => match text {
            "reachable" => Condition::Reachable,
            "live" => Condition::Live,
            "ready" => Condition::Ready,
            "db" => Condition::Db,
            "migrated" => Condition::Migrated,
            "key-active" => Condition::KeyActive(None),
            _ => return Err(CONDITIONS.to_owned()),
        },
        Some(("user", name)) if !name.is_empty() => Condition::User(name.to_owned()),
        Some(("key-active", kid)) if !kid.is_empty() => Condition::KeyActive(Some(kid.to_owned())),
        Some(("job", run)) if !run.is_empty() => Condition::Job(run.to_owned()),
        Some(_) => return Err(CONDITIONS.to_owned()),
    })
}

const CONDITIONS: &str =
    "is none of reachable, live, ready, db, migrated, user=NAME, key-active, key-active=KID, job=ID";

/// What to wait for, and how long.
#[derive(Debug, Clone, Args)]
pub struct WaitArguments {
    /// What must hold; repeat it for several, which must all hold at once: reachable, live, ready, db, migrated,
    /// user=NAME, key-active, key-active=KID, job=ID (a run that ends well; exits 3 as soon as it has failed)
    #[arg(long = "for", value_name = "COND", required = true, value_parser = condition)]
    pub conditions: Vec<Condition>,

    /// How long to wait in all
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "2m")]
    pub timeout: Duration,

    /// How long to wait between two looks
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1s")]
    pub interval: Duration,
}

/// How to migrate.
#[derive(Debug, Clone, Args)]
pub struct DbMigrate {
    /// Show which steps would be taken and take none
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// No further than to the step with this number: 11, or 0011 [default: to the newest]
    #[arg(long, value_name = "N")]
    pub to: Option<u16>,

    /// How long to wait for another migration, or another writer, to end
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "60s")]
    pub lock_timeout: Duration,
}

/// What to back up, and where to.
#[derive(Debug, Clone, Args)]
pub struct BackupCreate {
    /// The file to make, or a folder to make it in; `-` is stdout [default: barycenter-TIME.tar in this folder]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// Leave the root key and the JWKS mirror out: of no use without them
    #[arg(long)]
    pub no_keys: bool,

    /// Only the root key and the JWKS mirror: what a database server's own backup lacks
    #[arg(long, conflicts_with = "no_keys")]
    pub keys_only: bool,

    /// In a folder: how many backups stay that were named like this one; older ones go when the new one is whole
    #[arg(long, value_name = "N", conflicts_with = "keys_only")]
    pub keep: Option<NonZeroUsize>,
}

/// Which backup to look at.
#[derive(Debug, Clone, Args)]
pub struct BackupVerify {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Which backup to bring back.
#[derive(Debug, Clone, Args)]
pub struct BackupRestore {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Which configuration to check.
#[derive(Debug, Clone, Args)]
pub struct ConfigValidate {
    /// The file [default: the one that the daemon would find, see --config]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// Refuse what is allowed and still not wise as well
    #[arg(long)]
    pub strict: bool,
}

/// What of the configuration to print.
#[derive(Debug, Clone, Args)]
pub struct ConfigPrint {
    /// Also what nobody has set
    #[arg(long)]
    pub defaults: bool,

    /// Where each value comes from: the file and its line, a variable, or the default
    #[arg(long)]
    pub origin: bool,
}

/// What to explain.
#[derive(Debug, Clone, Args)]
pub struct ConfigExplain {
    /// A setting such as server.port, or a section [default: all sections]
    #[arg(value_name = "SECTION.KEY")]
    pub setting: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_written_as_they_are_read() {
        for text in
            ["reachable", "live", "ready", "db", "migrated", "user=alice", "key-active", "key-active=k1", "job=0190"]
        {
            assert_eq!(condition(text).unwrap().to_string(), text);
        }
        for text in ["", "job", "job=", "user=", "key-active=", "redy", "db=1"] {
            assert!(condition(text).is_err(), "{text:?}");
        }
    }
}
