//! `baryctl keys import -f FILE`: brings a private key along, from a file or stdin, never from the command line. It is
//! published like any new key; with `--active` it signs at once, and that is asked first.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use barycenter_core::keyring::{Importation, Start};
use barycenter_core::secret::Secret;
use serde_json::json;

use crate::cli::{Format, KeyImport as Arguments};
use crate::commands::Context;
use crate::commands::keys::{activation, pending, run as run_of};
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};
use crate::target::answer::SigningKey;
use crate::target::keys::KeyImport;

/// The longest that a key's file may be, in bytes: RSA with 8192 bits needs a tenth of it.
const MOST: u64 = 64 * 1024;

/// Runs the command.
///
/// # Errors
/// When the file cannot be read or used, the key is there already, nobody confirms, or the target refuses.
pub(crate) fn run(
    arguments: Arguments,
    context: &mut Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let key = read(&arguments.file, context.stdin)?;
    let passphrase = arguments.passphrase_file.as_deref().map(passphrase).transpose()?;
    let importation = |dry| Importation {
        key: key.clone(),
        passphrase: passphrase.clone(),
        kid: arguments.kid.clone(),
        start: if arguments.active { Start::Now } else { Start::WhenKnown },
        run: run_of(dry),
    };
    let context = &*context;
    with_target(context, |session| {
        let place = session.wait(session.target.place())?;
        let file = arguments.file.display();
        let (key, _) = imported(session.wait(session.target.import_key(importation(true)))?, &arguments.file)?;
        if arguments.dry_run {
            printer.note(format_args!("would import {} as key {}; nothing was changed", file, plain(&key.kid)));
            return Ok(Exit::Ok);
        }
        if arguments.active {
            printer
                .note("it signs at once: relying parties that keep the JWKS refuse its tokens until they look again");
            context.confirm(&format!("sign with key {} on {}", plain(&key.kid), plain(place.address())))?;
        }
        let (key, replaces) = imported(session.wait(session.target.import_key(importation(false)))?, &arguments.file)?;
        match printer.format() {
            Format::Json | Format::Ndjson => {
                printer.document("KeyImported", &json!({ "key": key, "replaces": replaces }))?;
            }
            Format::Name => printer.line(plain(&key.kid))?,
            Format::Table | Format::Wide | Format::Value => {}
        }
        printer.flush()?;
        let when = if arguments.active {
            "it signs from now on".to_owned()
        } else {
            format!("it signs from {} on", activation(&key))
        };
        printer.note(format_args!("imported {} key {}; {when}", plain(&key.algorithm), plain(&key.kid)));
        Ok(Exit::Ok)
    })
}

fn imported(import: KeyImport, file: &Path) -> Result<(SigningKey, Option<String>), CtlError> {
    match import {
        KeyImport::Imported { key, replaces } => Ok((key, replaces)),
        KeyImport::Exists(key) => Err(CtlError::new(
            Exit::Conflict,
            format!(
                "the keyring has this key, or another one of its name: {}, {}; nothing was changed",
                plain(&key.kid),
                plain(&key.state)
            ),
        )
        .hint(format!("see it: baryctl keys get {}", key.kid))),
        KeyImport::Pending(key) => Err(pending(&key)),
        KeyImport::Invalid(reason) => {
            Err(CtlError::usage(format!("the key in {} {reason}; nothing was changed", file.display())))
        }
    }
}

fn read(file: &Path, stdin: &mut dyn Read) -> Result<Secret, CtlError> {
    if file == Path::new("-") {
        return read_from(stdin, "stdin");
    }
    let shown = file.display().to_string();
    let mut opened = File::open(file).map_err(|error| CtlError::usage(format!("{shown} cannot be read: {error}")))?;
    read_from(&mut opened, &shown)
}

fn read_from(source: &mut dyn Read, shown: &str) -> Result<Secret, CtlError> {
    let mut text = String::new();
    source
        .take(MOST + 1)
        .read_to_string(&mut text)
        .map_err(|error| CtlError::usage(format!("{shown} cannot be read as text: {error}")))?;
    let text = Secret::new(text);
    if text.expose().len() as u64 > MOST {
        return Err(CtlError::usage(format!("{shown} is longer than {} KiB; that is no key", MOST >> 10)));
    }
    Ok(text)
}

/// Reads a passphrase: everything but one newline at the end.
fn passphrase(file: &Path) -> Result<Secret, CtlError> {
    let text = read(file, &mut std::io::empty())?;
    let text = text.expose();
    Ok(Secret::new(text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line))))
}
