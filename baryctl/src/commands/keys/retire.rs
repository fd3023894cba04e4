//! `baryctl keys retire KID`: takes a key out of the JWKS. Exits 7 while tokens need it, and says until when; with
//! `--now` it says what it breaks, and asks for the kid before it does.

use barycenter_core::keyring::Retirement;
use serde_json::json;

use crate::cli::{Format, KeyRetire};
use crate::commands::Context;
use crate::commands::keys::run as run_of;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::list::missing;
use crate::render::{Printer, counted, minute, plain};
use crate::target::answer::SigningKey;
use crate::target::keys::KeyRetirement;

/// What was done, or would be.
struct Done {
    key: SigningKey,
    successor: Option<SigningKey>,
    answers: u64,
    until: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When there is no such key, tokens need it, nobody confirms, or the target refuses.
pub(crate) fn run(arguments: &KeyRetire, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let kid = arguments.kid.as_str();
    let how = if arguments.now { Retirement::Now } else { Retirement::WhenUnused };
    with_target(context, |session| {
        let place = session.wait(session.target.place())?;
        let Some(plan) = done(session.wait(session.target.retire_key(kid, how, run_of(true)))?, kid)? else {
            printer.note(format_args!("key {} is retired already", plain(kid)));
            return Ok(Exit::Ok);
        };
        printer.note(format_args!("key {} on {}", plain(kid), plain(place.address())));
        for line in consequences(&plan) {
            printer.note(format_args!("  {line}"));
        }
        if arguments.dry_run {
            printer.note("nothing was changed");
            return Ok(Exit::Ok);
        }
        let what = format!("retire {} key {}", plain(&plan.key.algorithm), plain(kid));
        if arguments.now {
            context.confirm_severe(&format!("{what} at once"), kid)?;
        } else {
            context.confirm(&what)?;
        }
        // Whoever came first has done it.
        let Some(done) = done(session.wait(session.target.retire_key(kid, how, run_of(false)))?, kid)? else {
            printer.note(format_args!("key {} is retired already", plain(kid)));
            return Ok(Exit::Ok);
        };
        match printer.format() {
            Format::Json | Format::Ndjson => {
                let Done { key, successor, answers, until } = &done;
                let broken = json!({ "answers": answers, "until": until });
                printer.document("KeyRetired", &json!({ "key": key, "successor": successor, "broken": broken }))?;
            }
            Format::Name => printer.line(plain(kid))?,
            Format::Table | Format::Wide | Format::Value => {}
        }
        printer.flush()?;
        let next = done.successor.map(|key| format!("; {} signs from now on", plain(&key.kid))).unwrap_or_default();
        printer.note(format_args!("retired key {}{next}", plain(kid)));
        Ok(Exit::Ok)
    })
}

/// Returns what was done; nothing if the key was retired before.
fn done(retirement: KeyRetirement, kid: &str) -> Result<Option<Done>, CtlError> {
    match retirement {
        KeyRetirement::Retired { key, successor, answers, until } => Ok(Some(Done { key, successor, answers, until })),
        KeyRetirement::Before => Ok(None),
        KeyRetirement::NotFound => Err(missing("key", &[kid])),
        KeyRetirement::InUse { key, answers, until } => Err(in_use(&key, answers, &until)),
    }
}

fn in_use(key: &SigningKey, answers: u64, until: &str) -> CtlError {
    let failure = CtlError::new(
        Exit::Refused,
        format!(
            "key {} is {}, and tokens that it signed live until {}; nothing was changed",
            plain(&key.kid),
            plain(&key.state),
            plain(until)
        ),
    )
    .detail(format!("{} whose tokens may need it", on_record(answers)));
    let failure = if key.state == "active" {
        failure
            .hint(format!("publish its successor, and it goes by itself: baryctl keys rotate --alg {}", key.algorithm))
    } else {
        failure.hint("it goes by itself then")
    };
    failure.hint(format!("if it was stolen: baryctl keys retire {} --now --confirm {}", key.kid, key.kid))
}

fn on_record(answers: u64) -> String {
    format!("{} of the token endpoint on record", counted(answers, "answer"))
}

/// Says what breaks, before it does.
fn consequences(plan: &Done) -> Vec<String> {
    let mut lines = Vec::new();
    match &plan.until {
        Some(until) => lines.push(format!(
            "{}, valid until {} at the latest: relying parties refuse the ID Tokens from their next look at the JWKS on",
            on_record(plan.answers),
            minute(until)
        )),
        None => lines.push("no unexpired token needs it".to_owned()),
    }
    if let Some(successor) = &plan.successor {
        lines.push(format!(
            "another {} key signs in its place at once; relying parties that keep the JWKS do not know it before they look again",
            plain(&successor.algorithm)
        ));
    }
    lines.push("its private half is destroyed; this cannot be taken back".to_owned());
    lines
}
