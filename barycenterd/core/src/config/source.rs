//! Where settings may come from, where one did come from, and the error that says what is wrong with them.
//!
//! The rule: nothing here looks at the process; a program hands over what it sees.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// Where settings may come from: everything that only a program can know.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file that the command line or `BARYCENTER_CONFIG` names; it must exist.
    pub named: Option<PathBuf>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// The folder in which `config.toml` is looked for, before /etc/barycenter.
    pub folder: PathBuf,
}

impl Sources {
    /// Returns the sources of a process: `named` is what its command line says.
    #[must_use]
    pub fn new(named: Option<PathBuf>, environment: Vec<(String, String)>, folder: PathBuf) -> Self {
        let variable = environment.iter().find(|(name, value)| name == "BARYCENTER_CONFIG" && !value.is_empty());
        let named = named.or_else(|| variable.map(|(_, path)| PathBuf::from(path)));
        Self { named, environment, folder }
    }

    /// Finds the file: the named one, `./config.toml`, `/etc/barycenter/config.toml`, or none.
    pub(super) fn file(&self) -> Option<PathBuf> {
        let usual = [self.folder.join("config.toml"), PathBuf::from("/etc/barycenter/config.toml")];
        // A file that we may not even see is not skipped: what it says would silently not count.
        let is_there = |path: &PathBuf| path.try_exists().unwrap_or(true);
        self.named.clone().or_else(|| usual.into_iter().find(is_there))
    }
}

impl fmt::Debug for Sources {
    /// Leaves out the values of variables: some are secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.environment.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("Sources")
            .field("named", &self.named)
            .field("environment", &names)
            .field("folder", &self.folder)
            .finish()
    }
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The file, at this line.
    File(PathBuf, usize),
    /// The environment variable of this name.
    Environment(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path, line) => write!(formatter, "{}:{line}", path.display()),
            Self::Environment(name) => write!(formatter, "environment {name}"),
        }
    }
}

/// Everything that is wrong with the settings, one line each: the file's faults from top to bottom, then the
/// environment's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);
