//! The users files of a command line, opened and checked before anything is touched.

use std::path::PathBuf;
use std::sync::Arc;

use barycenter_core::model::Username;
use barycenter_core::reconcile::{Adoption, Checked, Intent, Kind, Prune, Request, Source, Values};

use crate::cli::{DiffArguments, PruneChoice};
use crate::commands::Context;
use crate::error::CtlError;
use crate::settings::Environment;

/// What a command line wants.
pub(crate) struct Desired {
    /// The files.
    pub(crate) source: Source,
    /// What is in them.
    pub(crate) checked: Checked,
    /// How they are meant.
    pub(crate) request: Request,
}

/// Opens and checks everything.
///
/// # Errors
/// Exit code 2 with every fault of the first file that has any, or with what the files contradict one another in.
pub(crate) fn read(arguments: &DiffArguments, kinds: &[Kind], context: &mut Context<'_>) -> Result<Desired, CtlError> {
    let values = values(&arguments.env, arguments.secrets_dir.as_ref(), &context.environment);
    let mut source = Source::open(&arguments.files, &values, context.stdin)?;
    let checked = source.check()?;
    if !kinds.iter().any(|kind| checked.kinds.contains(kind)) {
        let missing: Vec<&str> = kinds.iter().map(|kind| kind.list()).collect();
        return Err(CtlError::usage(format!("{}: has no `{}`: [ … ]", source.name(), missing.join("` and no `"))));
    }
    let intent = Intent {
        adoption: adoption(&arguments.adopt, &checked, source.name())?,
        reset_secrets: arguments.reset_passwords,
        ..Intent::default()
    };
    let prune = match arguments.prune {
        PruneChoice::Keep => Prune::Keep,
        PruneChoice::Disable => Prune::Disable,
        PruneChoice::Delete => Prune::Delete,
    };
    Ok(Desired { source, checked, request: Request { kinds: kinds.to_vec(), intent, prune } })
}

/// What placeholders may read.
pub(crate) fn values(patterns: &[String], folder: Option<&PathBuf>, environment: &Environment) -> Values {
    let mut values = Values::default();
    if !patterns.is_empty() {
        let environment = environment.clone();
        let look_up = move |name: &str| environment.raw(name);
        values = values.with_environment(patterns.to_vec(), Arc::new(look_up));
    }
    match folder {
        Some(folder) => values.with_folder(folder.clone()),
        None => values,
    }
}

/// Reads `--adopt`. A name that the files do not hold is a mistake, not a wish.
fn adoption(names: &[String], checked: &Checked, called: &str) -> Result<Adoption, CtlError> {
    let mut adoption = Adoption::default();
    for name in names {
        if name == "all" {
            adoption.all = true;
            continue;
        }
        let folded = Username::parse(name).map(|name| name.folded().to_owned());
        let user = folded.as_ref().is_ok_and(|name| checked.index.names(Kind::User, name, None));
        if !user && !checked.index.names(Kind::Client, name, None) {
            return Err(CtlError::usage(format!("--adopt {name:?}: there is no such user or client in {called}")));
        }
        adoption.names.extend(folded.ok());
        adoption.names.insert(name.clone());
    }
    Ok(adoption)
}
