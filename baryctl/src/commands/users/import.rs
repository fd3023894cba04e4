//! `baryctl users import`: makes accounts from another system's file, once, and forgets where they came from. What is
//! to stay in step with a file is `users sync`'s.

use std::collections::BTreeMap;

use barycenter_core::reconcile::{Import, Intent, Kind, OnConflict, Order, Request, Values};

use crate::cli::{ImportConflictChoice, PlanOutputArguments, UsersImport};
use crate::commands::session::with_target;
use crate::commands::users_files::Desired;
use crate::commands::{Context, diff, sync};
use crate::error::{CtlError, Exit};
use crate::import::{self, Imported};
use crate::render::{Printer, count, plain};

/// Runs the command.
///
/// # Errors
/// When the file cannot be used, users are there already, or the target refuses.
pub(crate) fn run(
    arguments: &UsersImport,
    context: &mut Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let UsersImport { file, format, mapping, on_conflict, .. } = arguments;
    let Imported { mut source, left_out } = import::open(file, *format, mapping, &Values::default(), context.stdin)?;
    let checked = source.check()?;
    for (what, number) in left_out {
        printer.warn(format_args!("left out: {} {}", count(number), plain(what)));
    }
    let import = match on_conflict {
        ImportConflictChoice::Fail | ImportConflictChoice::Skip => Import::Create,
        ImportConflictChoice::Update => Import::Update,
    };
    let request =
        Request { kinds: vec![Kind::User], intent: Intent { import, ..Intent::default() }, ..Request::default() };
    let order = Order {
        request: request.clone(),
        on_conflict: if *on_conflict == ImportConflictChoice::Skip { OnConflict::Skip } else { OnConflict::Fail },
        patience: arguments.lock_timeout,
        ..Order::default()
    };
    let foreign = foreign_hashes(&mut source)?;
    let mut desired = Desired { source, checked, request };
    with_target(context, |session| {
        if arguments.dry_run {
            let output = PlanOutputArguments { reports: Vec::new(), max_shown: 50 };
            let next = format!("baryctl users import -f {}", plain(&file.display().to_string()));
            let plan = diff::compare_and_print(session, &mut desired, &output, None, printer, |_, _| next)?;
            let blocked = plan.counts.conflict > 0 && order.on_conflict == OnConflict::Fail;
            return Ok(if blocked { Exit::Conflict } else { Exit::Ok });
        }
        let exit = sync::carry_out(session, &mut desired, &order, context, printer)?;
        if !foreign.is_empty() {
            let kinds: Vec<String> =
                foreign.iter().map(|(scheme, number)| format!("{} {scheme}", count(*number))).collect();
            printer
                .note(format_args!("hashes of other systems ({}) are replaced at the next sign-in", kinds.join(", ")));
        }
        Ok(exit)
    })
}

/// Counts the hashes by their scheme: `bcrypt`, `pbkdf2-sha256` …
fn foreign_hashes(source: &mut barycenter_core::reconcile::Source) -> Result<BTreeMap<String, u64>, CtlError> {
    let mut schemes = BTreeMap::new();
    for entry in source.entries(Kind::User)? {
        let desired = entry?.desired;
        let Some(hash) = desired.secret().filter(|_| !desired.has_plain_password()) else { continue };
        let scheme = match hash.split('$').nth(1).unwrap_or_default() {
            "2a" | "2b" | "2y" => "bcrypt",
            "7" => "scrypt",
            scheme => scheme,
        };
        if scheme != "argon2id" {
            *schemes.entry(scheme.to_owned()).or_default() += 1;
        }
    }
    Ok(schemes)
}
