//! `baryctl clients registration-token`: makes a token with which clients register themselves. Shown once: alone on
//! stdout.

use barycenter_core::config::Seconds;
use barycenter_core::registration::LONGEST_INVITATION;
use serde_json::json;

use crate::cli::RegistrationTokenArguments;
use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};
use crate::target::answer::Invitation;

/// Runs the command.
///
/// # Errors
/// When the lifetime is out of range or the target refuses.
pub(crate) fn run(
    arguments: &RegistrationTokenArguments,
    context: &Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let lifetime = arguments.lifetime;
    if lifetime < Seconds::new(60) || lifetime > LONGEST_INVITATION {
        let range = format!("--lifetime {lifetime} is out of range; from 1m to {LONGEST_INVITATION}");
        return Err(CtlError::usage(range));
    }
    let invitation = Invitation { description: arguments.description.clone(), uses: Some(arguments.uses), lifetime };
    with_target(context, |session| {
        let invited = session.wait(session.target.invite(&invitation))?;
        let place = session.wait(session.target.place())?;
        if printer.format().is_json() {
            let token = invited.token.expose();
            let answer = json!({ "token": token, "uses": invited.uses, "expires_at": invited.expires_at });
            printer.document("RegistrationToken", &answer)?;
        } else {
            printer.line(invited.token.expose())?;
        }
        printer.flush()?;
        let uses = if arguments.uses == 1 { "one client".to_owned() } else { format!("{} clients", arguments.uses) };
        let (until, address) = (plain(&invited.expires_at), plain(place.address()));
        printer.note(format_args!("{uses} may register with it on {address} until {until}"));
        if !invited.registration_is_on {
            printer.note(format_args!("but registration is off there: set oidc.registration to \"token\""));
        }
        Ok(Exit::Ok)
    })
}
