//! Loading the configuration, and `check-config`: every fault at once, or every value with its origin.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use barycenter_core::config::{self, Config, ConfigError, Loaded, Sources};

use crate::cli::Environment;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::{note, print};

/// Loads the configuration for a command that uses it. Where nobody has said where the database is, its folder is
/// ours to make.
pub(super) fn load(file: Option<&Path>, environment: &Environment) -> Result<Config, Failure> {
    let loaded = read(file, environment)?;
    if loaded.database_is_default {
        make_folder(&loaded.config)?;
    }
    Ok(loaded.config)
}

/// Runs `check-config`.
pub(super) fn check(file: Option<&Path>, environment: &Environment, show: bool) -> Result<(), Failure> {
    let loaded = read(file, environment)?;
    let name = match &loaded.file {
        Some(path) => path.display().to_string(),
        None => "no file, the defaults".to_owned(),
    };
    if show {
        print(&table(&loaded))?;
    }
    note(&format!("the configuration is sound ({name})"));
    Ok(())
}

/// Reads the configuration; makes nothing.
pub(super) fn read(file: Option<&Path>, environment: &Environment) -> Result<Loaded, Failure> {
    let variables = environment.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    config::load(&Sources::new(file.map(Path::to_owned), variables, PathBuf::from("."))).map_err(
        |ConfigError(faults)| {
            let problems = if faults.len() == 1 { "problem" } else { "problems" };
            let failure = Failure::new(Exit::Usage, format!("{} {problems} in the configuration", faults.len()));
            faults.into_iter().fold(failure, Failure::detail)
        },
    )
}

/// Makes the folder of the database, for its owner only.
fn make_folder(config: &Config) -> Result<(), Failure> {
    let Some(folder) = config.database.url.sqlite_path().and_then(Path::parent) else { return Ok(()) };
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| {
        Failure::new(Exit::Failed, format!("the folder {} cannot be made: {error}", folder.display()))
            .hint("start in a folder that can be written, or say where the database is: database.url")
    })
}

/// Lays out every value as config.toml would have it, with its origin.
fn table(loaded: &Loaded) -> String {
    let rows = loaded.rows();
    let width =
        |length: fn(&config::Row) -> usize| rows.iter().map(length).filter(|length| *length <= 60).max().unwrap_or(0);
    let (keys, values) = (width(|row| row.key.len()), width(|row| row.value.chars().count()));
    let mut text = String::new();
    let mut section = "";
    for row in &rows {
        if row.section != section {
            let gap = if section.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}[{}]\n", row.section));
            section = row.section;
        }
        text.push_str(&format!("{:keys$} = {:values$}  # {}\n", row.key, row.value, row.origin));
    }
    text
}
