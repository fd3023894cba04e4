//! `baryctl keys rewrap --new-root FILE`: encrypts the keyring under another root key, whole or not at all, and says
//! what has to be mounted next. Always direct: the new root key never crosses a network.

use serde_json::json;

use crate::cli::{Format, KeyRewrap};
use crate::commands::Context;
use crate::commands::keys::run as run_of;
use crate::commands::session::with_database;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, counted, plain};
use crate::target::direct::Absence;

/// Runs the command.
///
/// # Errors
/// When the new root key cannot be used, nobody confirms, or the database refuses.
pub(crate) fn run(arguments: &KeyRewrap, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    with_database(context, Absence::Refused, |session| {
        let direct = &session.target;
        session.wait(direct.require_schema())?;
        session.wait(direct.require_root_key())?;
        let keyring = session.wait(direct.keyring())?;
        let rewrap = |dry| async move { Ok::<_, CtlError>(keyring.rewrap(&arguments.new_root, run_of(dry)).await?) };
        let (plan, current) = (session.wait(rewrap(true))?, direct.root_key_path().display());
        let (new, keys) = (arguments.new_root.display(), counted(plan.keys, "key"));
        printer.note(format_args!(
            "{keys} on {}: wrapped under root key {} ({new}) instead of {} ({current})",
            plain(direct.place().address()),
            plan.to,
            plan.from
        ));
        if arguments.dry_run {
            printer.note("nothing was changed");
            return Ok(Exit::Ok);
        }
        context.confirm(&format!("wrap the keyring under {new}, after which {current} no longer opens it"))?;
        let done = session.wait(rewrap(false))?;
        match printer.format() {
            Format::Json | Format::Ndjson => {
                let body = json!({ "keys": done.keys, "from": done.from, "to": done.to });
                printer.document("KeyringRewrapped", &body)?;
            }
            Format::Name => printer.line(&done.to)?,
            Format::Table | Format::Wide | Format::Value => {}
        }
        printer.flush()?;
        for line in [
            format!("the keyring is wrapped under {new} ({}) now", done.to),
            format!("next: mount {new} as {current} (keys.private_key_path) on every replica and restart each"),
            "until then running daemons go on with the keys that they have; they cannot start again with the old file"
                .to_owned(),
            "the same as before: signing keys and JWKS, fingerprints of passwords (the next sync sets none), forms"
                .to_owned(),
            "keep the old file as long as backups that were made under it".to_owned(),
        ] {
            printer.note(line);
        }
        Ok(Exit::Ok)
    })
}
