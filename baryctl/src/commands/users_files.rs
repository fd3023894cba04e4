//! The users files of a command line: all of them as one, or everything that is wrong with them.

use std::fs;
use std::io::Read;
use std::path::Path;

use barycenter_core::model::Username;
use barycenter_core::reconcile::users_file::{self, MAXIMUM_BYTES};
use barycenter_core::reconcile::{Adoption, Fault, UsersFile, UsersFileError};

use crate::cli::DiffArguments;
use crate::commands::Context;
use crate::error::CtlError;
use crate::render::counted;

/// What stands for standard input on the command line.
const STDIN: &str = "-";

/// The users that a command line speaks of.
pub(crate) struct Desired {
    /// How messages call the file or files.
    pub(crate) name: String,
    /// The users of all files.
    pub(crate) file: UsersFile,
    /// Whose accounts may be taken over.
    pub(crate) adoption: Adoption,
}

/// Reads and checks everything before anything is touched.
///
/// # Errors
/// Exit code 2 with every fault of the first file that has any, or with what the files contradict one another in.
pub(crate) fn read(arguments: &DiffArguments, context: &mut Context<'_>) -> Result<Desired, CtlError> {
    let mut together: Option<UsersFile> = None;
    for path in &arguments.files {
        let (name, next, text) = read_one(path, context)?;
        together = Some(match together {
            None => next,
            Some(earlier) => join(earlier, next, &name, &text)?,
        });
    }
    let Some(file) = together else { return Err(CtlError::usage("which file?").hint("-f users.json")) };
    let name = match arguments.files.as_slice() {
        [path] => shown(path),
        several => counted(several.len(), "file"),
    };
    let adoption = adoption(&arguments.adopt, &file, &name)?;
    Ok(Desired { name, file, adoption })
}

fn shown(path: &Path) -> String {
    if path.as_os_str() == STDIN { "stdin".to_owned() } else { path.display().to_string() }
}

/// Returns a file's name, its users, and its text, which positions in later faults refer to.
fn read_one(path: &Path, context: &mut Context<'_>) -> Result<(String, UsersFile, Vec<u8>), CtlError> {
    let name = shown(path);
    if path.as_os_str() != STDIN {
        let file = users_file::read(path).map_err(refused)?;
        let text = fs::read(path).map_err(|error| CtlError::usage(format!("{name}: cannot be read: {error}")))?;
        return Ok((name, file, text));
    }
    let mut text = Vec::new();
    let read = context.stdin.take(MAXIMUM_BYTES + 1).read_to_end(&mut text);
    read.map_err(|error| CtlError::usage(format!("stdin cannot be read: {error}")))?;
    if text.len() as u64 > MAXIMUM_BYTES {
        return Err(CtlError::usage(format!("stdin holds more than {} MiB", MAXIMUM_BYTES / 1024 / 1024)));
    }
    let file = users_file::parse_bytes(&name, &text).map_err(refused)?;
    Ok((name, file, text))
}

/// Adds the users of another file.
fn join(mut earlier: UsersFile, next: UsersFile, name: &str, text: &[u8]) -> Result<UsersFile, CtlError> {
    if earlier.manager != next.manager {
        return Err(CtlError::usage(format!(
            "{name}: its manager is {:?}, that of the files before it {:?}",
            next.manager.as_str(),
            earlier.manager.as_str()
        ))
        .hint("files of several managers are applied one by one"));
    }
    let text = String::from_utf8_lossy(text);
    users_file::refuse_shared(&earlier.users, &next.users, &text)
        .map_err(|faults| refused(UsersFileError::Faults { file: name.to_owned(), faults }))?;
    earlier.users.extend(next.users);
    Ok(earlier)
}

/// Lays the faults out in columns: position, place, message.
fn refused(error: UsersFileError) -> CtlError {
    let message = error.to_string();
    match error {
        UsersFileError::Unreadable { .. } => CtlError::usage(message),
        UsersFileError::Faults { faults, .. } => {
            let positions: Vec<String> =
                faults.iter().map(|fault| format!("{}:{}", fault.line, fault.column)).collect();
            let width = positions.iter().map(String::len).max().unwrap_or_default();
            let mut failure = CtlError::usage(message);
            for (position, Fault { place, message, .. }) in positions.iter().zip(&faults) {
                let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
                failure = failure.detail(format!("{position:width$}  {place}{message}"));
            }
            failure
        }
    }
}

/// Reads `--adopt`. A name that the files do not hold is a mistake, not a wish.
fn adoption(names: &[String], file: &UsersFile, called: &str) -> Result<Adoption, CtlError> {
    let mut adoption = Adoption::default();
    for name in names {
        if name == "all" {
            adoption.all = true;
            continue;
        }
        let username = Username::parse(name).map_err(|error| CtlError::usage(format!("--adopt {name:?}: {error}")))?;
        if !file.users.iter().any(|user| user.username.folded() == username.folded()) {
            return Err(CtlError::usage(format!("--adopt {name:?}: there is no such user in {called}")));
        }
        adoption.names.insert(username.folded().to_owned());
    }
    Ok(adoption)
}
