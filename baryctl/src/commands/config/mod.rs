//! `baryctl config …`: the daemon's configuration, found and read by the daemon's own code.

pub(crate) mod explain;
pub(crate) mod print;
pub(crate) mod validate;

use std::path::PathBuf;

use barycenter_core::config::{self, ConfigError, Loaded, Sources};

use crate::cli::GlobalArguments;
use crate::commands::Context;
use crate::error::CtlError;
use crate::settings::Environment;

/// Loads the configuration that the daemon would use here.
///
/// # Errors
/// When anything is wrong with it.
pub(crate) fn load(context: &Context<'_>) -> Result<Loaded, CtlError> {
    let loaded = load_from(context.flags.config.clone(), &context.environment).map_err(refused)?;
    tracing::debug!(file = ?loaded.file, "configuration");
    Ok(loaded)
}

/// Returns the file that holds the daemon's admin token, if this machine has one that can be read.
pub(crate) fn admin_token_file(flags: &GlobalArguments, environment: &Environment) -> Option<PathBuf> {
    let loaded = load_from(flags.config.clone(), environment).ok()?;
    let path = loaded.config.admin_token_path();
    std::fs::File::open(&path).ok()?;
    Some(path)
}

fn load_from(named: Option<PathBuf>, environment: &Environment) -> Result<Loaded, ConfigError> {
    let variables = environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    // Paths without a folder are those of the working directory.
    config::load(&Sources::new(named, variables, PathBuf::new()))
}

/// One fault is the message; several are listed.
fn refused(error: ConfigError) -> CtlError {
    match error.0.as_slice() {
        [fault] => CtlError::usage(fault),
        faults => {
            let mut failure = CtlError::usage(format!("{} problems with the configuration", faults.len()));
            failure.details = error.0;
            failure
        }
    }
}
