//! `baryctl keys rotate`: publishes a new key. It signs as soon as every relying party knows it; the one before then
//! verifies for as long as its tokens live, and goes by itself. Asks first.

use barycenter_core::keyring::Rotation;
use barycenter_core::model::SigningAlgorithm;
use serde_json::json;

use crate::cli::{AlgorithmChoice, Format, KeyRotate};
use crate::commands::Context;
use crate::commands::keys::{activation, pending, run as run_of};
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};
use crate::target::answer::SigningKey;
use crate::target::keys::KeyRotation;

impl From<AlgorithmChoice> for SigningAlgorithm {
    fn from(choice: AlgorithmChoice) -> Self {
        match choice {
            AlgorithmChoice::Rs256 => Self::Rs256,
            AlgorithmChoice::Es256 => Self::Es256,
            AlgorithmChoice::EdDsa => Self::EdDsa,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When a new key waits already, it would sign too soon, nobody confirms, or the target refuses.
pub(crate) fn run(arguments: &KeyRotate, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    with_target(context, |session| {
        let place = session.wait(session.target.place())?;
        let rotation = |dry| Rotation {
            algorithm: arguments.alg.map(SigningAlgorithm::from),
            activate_in: arguments.activate_in.map(|span| i64::try_from(span.as_secs()).unwrap_or(i64::MAX)),
            run: run_of(dry),
        };
        let (key, replaces) = published(session.wait(session.target.rotate_key(rotation(true)))?)?;
        let place = plain(place.address());
        printer.note(format_args!("{} on {place}: {}", plain(&key.algorithm), plan(&key, replaces.as_deref())));
        if arguments.dry_run {
            printer.note("nothing was changed");
            return Ok(Exit::Ok);
        }
        context.confirm(&format!("publish a new {} key", plain(&key.algorithm)))?;
        let (key, replaces) = published(session.wait(session.target.rotate_key(rotation(false)))?)?;
        match printer.format() {
            Format::Json | Format::Ndjson => {
                printer.document("KeyPublished", &json!({ "key": key, "replaces": replaces }))?;
            }
            Format::Name => printer.line(plain(&key.kid))?,
            Format::Table | Format::Wide | Format::Value => {}
        }
        printer.flush()?;
        printer.note(format_args!("published key {}; it signs from {} on", plain(&key.kid), activation(&key)));
        Ok(Exit::Ok)
    })
}

fn published(rotation: KeyRotation) -> Result<(SigningKey, Option<String>), CtlError> {
    match rotation {
        KeyRotation::Published { key, replaces } => Ok((key, replaces)),
        KeyRotation::Pending(key) => Err(pending(&key)),
        KeyRotation::TooSoon(least) => Err(CtlError::usage(format!(
            "a new key has to be published for {least}s before it signs, or relying parties that keep the JWKS do not know it"
        ))
        .hint(format!("--activate-in {least}s, or leave it out"))),
    }
}

fn plan(key: &SigningKey, replaces: Option<&str>) -> String {
    match replaces {
        Some(kid) => format!(
            "a new key is published; at {} it takes the place of {}, which verifies until its last token has expired",
            activation(key),
            plain(kid)
        ),
        None => format!("the first key of this algorithm is published; it signs from {} on", activation(key)),
    }
}
