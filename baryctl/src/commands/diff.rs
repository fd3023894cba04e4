//! `baryctl diff`, `baryctl users diff`: what a sync would change. Exits 0 if nothing, 1 if something.

use barycenter_core::reconcile::{Comparison, Operation, compare};

use crate::cli::{DiffArguments, Format};
use crate::commands::session::with_target;
use crate::commands::users_files::{self, Desired};
use crate::commands::{Context, Session};
use crate::error::{CtlError, Exit};
use crate::render::plan::{Heading, print_plan};
use crate::render::{Printer, counted, plain};
use crate::target::Target;
use crate::target::answer::Place;

/// Runs the command.
///
/// # Errors
/// When the files cannot be used or the target refuses.
pub(crate) fn run(
    arguments: &DiffArguments,
    context: &mut Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let desired = users_files::read(arguments, context)?;
    let comparison = with_target(context, |session| show(session, &desired, printer))?;
    Ok(if comparison.is_clean() { Exit::Ok } else { Exit::No })
}

/// Compares and prints; changes nothing.
///
/// # Errors
/// When the target refuses.
pub(crate) fn show(
    session: &Session<Target>,
    desired: &Desired,
    printer: &mut Printer<'_>,
) -> Result<Comparison, CtlError> {
    let Desired { name, file, adoption } = desired;
    if let Target::Direct(direct) = &session.target {
        session.wait(direct.require_root_key())?;
    }
    let place = session.wait(session.target.place())?;
    let comparison = session.wait(compare(&session.target, file, adoption))?;
    let heading = Heading { file: name, users: file.users.len(), manager: file.manager.as_str(), place: &place };
    if !comparison.is_clean() || printer.format().is_json() {
        print_plan(printer, &heading, &comparison)?;
        printer.flush()?;
    }
    mention_left(printer, comparison.no_longer_in_file, file.manager.as_str());
    if comparison.is_clean() {
        printer.note(format_args!("no differences: {}", matching(&heading, "match")));
        return Ok(comparison);
    }
    let conflicts = comparison.count(Operation::Conflict);
    if printer.format() == Format::Table {
        if conflicts > 0 {
            printer.note(format_args!(
                "{} in the way of a sync: resolve, or sync the rest with --on-conflict skip",
                counted(conflicts, "conflict")
            ));
        } else {
            printer.note(format_args!("next: {}", next_command(&place, desired)));
        }
    }
    Ok(comparison)
}

/// Returns `9,850 users in users.json match https://…`.
#[must_use]
pub(crate) fn matching(heading: &Heading<'_>, verb: &str) -> String {
    let verb = if heading.users == 1 { format!("{verb}es") } else { verb.to_owned() };
    format!("{} in {} {verb} {}", counted(heading.users, "user"), plain(heading.file), plain(heading.place.address()))
}

/// Mentions users that the manager owns and the file does not name.
pub(crate) fn mention_left(printer: &mut Printer<'_>, left: u64, manager: &str) {
    let Ok(left) = usize::try_from(left) else { return };
    if left > 0 {
        let are = if left == 1 { "is" } else { "are" };
        printer.note(format_args!(
            "{} {are} managed by {} but no longer in it; left as they are",
            counted(left, "user"),
            plain(manager)
        ));
    }
}

fn next_command(place: &Place, desired: &Desired) -> String {
    let direct = if place.server.is_none() { "--direct " } else { "" };
    let file = if desired.name == "stdin" { "-" } else { &desired.name };
    format!("baryctl {direct}users sync -f {}", plain(file))
}
