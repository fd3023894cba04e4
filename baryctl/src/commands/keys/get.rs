//! `baryctl keys get KID…`: everything about signing keys, or their public halves as PEM. Exits 5 if one of them does
//! not exist.

use barycenter_core::keyring::public_pem;

use crate::cli::KeyGet;
use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::render::list::{missing, print_found};

/// Runs the command.
///
/// # Errors
/// When a key does not exist, the target refuses, or stdout cannot be written.
pub(crate) fn run(arguments: &KeyGet, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let keys = with_target(context, |session| session.wait(session.target.keys()))?;
    let kids: Vec<String> = std::iter::once(&arguments.kid).chain(&arguments.more).cloned().collect();
    let found: Vec<_> = kids.iter().map(|kid| keys.iter().find(|key| key.kid == *kid).cloned()).collect();
    if !arguments.pem {
        return print_found(printer, &kids, found);
    }
    let absent: Vec<&str> =
        kids.iter().zip(&found).filter(|(_, key)| key.is_none()).map(|(kid, _)| kid.as_str()).collect();
    if !absent.is_empty() {
        return Err(missing("key", &absent));
    }
    for key in found.into_iter().flatten() {
        let pem = public_pem(&key.public_jwk.to_string())
            .ok_or_else(|| CtlError::new(Exit::Failed, format!("key {:?} is of a kind that has no PEM", key.kid)))?;
        printer.raw(pem.as_bytes())?;
    }
    Ok(Exit::Ok)
}
