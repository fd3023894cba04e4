//! `baryctl clients delete ID…`: removes clients with their consents and tokens. Asks first; exits 5 if one of them
//! does not exist, and then removes none.

use serde_json::json;

use crate::cli::{ClientDelete, Format};
use crate::commands::session::with_target;
use crate::commands::{Context, Session};
use crate::error::{CtlError, Exit};
use crate::render::list::missing;
use crate::render::{Printer, counted, plain};
use crate::target::Target;
use crate::target::answer::Client;

/// Runs the command.
///
/// # Errors
/// When a client does not exist, nobody confirms, or the target refuses.
pub(crate) fn run(
    arguments: &ClientDelete,
    context: &Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    with_target(context, |session| {
        let found =
            arguments.ids.iter().map(|id| session.wait(session.target.client(id))).collect::<Result<Vec<_>, _>>()?;
        let absent: Vec<&str> = arguments
            .ids
            .iter()
            .zip(&found)
            .filter(|(_, client)| client.is_none())
            .map(|(id, _)| id.as_str())
            .collect();
        if !absent.is_empty() {
            return Err(missing("client", &absent));
        }
        let mut clients: Vec<Client> = found.into_iter().flatten().collect();
        clients.sort_by(|one, other| one.client_id.cmp(&other.client_id));
        clients.dedup_by(|one, other| one.client_id == other.client_id);
        let place = session.wait(session.target.place())?;
        let what = format!(
            "delete {} on {}, with consents and tokens",
            counted(clients.len(), "client"),
            plain(place.address())
        );
        for client in &clients {
            printer.note(format_args!("  {}  {}", plain(&client.client_id), plain(&client.name)));
        }
        if arguments.dry_run {
            printer.note(format_args!("would {what}"));
            return Ok(Exit::Ok);
        }
        context.confirm(&what)?;
        delete(session, &clients, printer)
    })
}

fn delete(session: &Session<Target>, clients: &[Client], printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    for client in clients {
        let id = &client.client_id;
        // Gone meanwhile is gone, too.
        session.wait(session.target.delete_client(id))?;
        if printer.format().is_json() {
            printer.document("ClientDeleted", &json!({ "client_id": id }))?;
        } else if printer.format() == Format::Name {
            printer.line(plain(id))?;
        }
        printer.flush()?;
        printer.note(format_args!("deleted client {}", plain(id)));
    }
    Ok(Exit::Ok)
}
