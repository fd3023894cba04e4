//! `baryctl keys export`: the published keys as a JWK Set (RFC 7517 section 5), for whoever cannot fetch it. Public
//! halves only, whatever the format: there is no way to get a private half out.

use barycenter_core::keyring::public_key_set;

use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::Printer;

/// Runs the command.
///
/// # Errors
/// When the target refuses or stdout cannot be written.
pub(crate) fn run(context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("keys export")?;
    let keys = with_target(context, |session| session.wait(session.target.keys()))?;
    let published = keys.iter().filter(|key| key.state != "retired");
    let jwks: Vec<String> = published.map(|key| key.public_jwk.to_string()).collect();
    printer.line(public_key_set(jwks.iter().map(String::as_str)))?;
    Ok(Exit::Ok)
}
