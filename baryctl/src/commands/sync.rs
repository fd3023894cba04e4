//! `baryctl sync`, `users sync`, `clients sync`: makes what is there match files. The engine is the daemon's own.
//!
//! What cannot be taken back is asked about once, for the whole plan, before anything is written; what was approved
//! is what is done, or nothing.

use std::process;

use barycenter_core::reconcile::{
    self, Change, ConflictReason, Counts, Guards, Item, Kind, Lease, Observer, OnConflict, Operation, Order, Outcome,
    Plan, Prune, Refusal, Verdict, compare,
};

use crate::cli::{OnConflictChoice, SyncArguments};
use crate::commands::session::{with_database, with_target};
use crate::commands::users_files::{self, Desired};
use crate::commands::{Context, Session, diff};
use crate::error::{CtlError, Exit};
use crate::render::sync_view::SyncView;
use crate::render::{Printer, count, counted, plain};
use crate::settings::TargetSettings;
use crate::target::Target;
use crate::target::direct::Absence;

/// From so many pruned things on, their number has to be typed.
const SEVERE: usize = 2;

/// Runs the command.
///
/// # Errors
/// When the files cannot be used, conflicts or guards stand in the way, or the target refuses.
pub(crate) fn run(
    arguments: &SyncArguments,
    kinds: &[Kind],
    context: &mut Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let direct = matches!(TargetSettings::resolve(&context.flags, &context.environment)?, TargetSettings::Direct);
    if arguments.migrate && !direct {
        return Err(CtlError::usage("--migrate needs --direct: a server looks after its own schema"));
    }
    if arguments.migrate && arguments.dry_run {
        return Err(CtlError::usage("--migrate changes the schema, --dry-run changes nothing")
            .hint("see what is missing: baryctl db status"));
    }
    let mut desired = users_files::read(&arguments.compared, kinds, context)?;
    for name in &desired.checked.samples {
        printer.warn(format_args!(
            "{} has a sample password, which everybody can read in the documentation; change it",
            plain(name)
        ));
    }
    if arguments.migrate {
        let steps = with_database(context, Absence::Mended, |session| session.wait(session.target.migrate()))?;
        for step in steps {
            printer.note(format_args!("schema: took {step}"));
        }
    }
    let on_conflict = match arguments.on_conflict {
        OnConflictChoice::Fail => OnConflict::Fail,
        OnConflictChoice::Skip => OnConflict::Skip,
    };
    with_target(context, |session| {
        if arguments.dry_run {
            let plan = diff::show(session, &mut desired, &arguments.compared, None, printer)?;
            let blocked = plan.counts.conflict > 0 && on_conflict == OnConflict::Fail;
            plan.guard(&guards(arguments), &desired.checked, desired.request.prune)
                .map_err(|why| refused(why, &plan))?;
            return Ok(if blocked { Exit::Conflict } else { Exit::Ok });
        }
        let mut order = Order {
            request: desired.request.clone(),
            guards: guards(arguments),
            on_conflict,
            patience: arguments.lock_timeout,
        };
        if order.request.prune != Prune::Keep || order.request.intent.reset_secrets {
            order.guards.expect = approve(session, &mut desired, &order, context)?.or(order.guards.expect);
        }
        carry_out(session, &mut desired, &order, context, printer)
    })
}

fn guards(arguments: &SyncArguments) -> Guards {
    Guards {
        max_prune: arguments.max_prune.unwrap_or_default(),
        allow_empty: arguments.allow_empty,
        expect: arguments.expect.clone(),
    }
}

/// Asks about what cannot be taken back; returns the plan that was approved, if there was anything to ask.
fn approve(
    session: &Session<Target>,
    desired: &mut Desired,
    order: &Order,
    context: &Context<'_>,
) -> Result<Option<String>, CtlError> {
    let Desired { source, checked, request } = desired;
    let plan = session.wait(compare(&session.target, source, checked, request, &mut ()))?;
    if plan.counts.conflict > 0 && order.on_conflict == OnConflict::Fail {
        // It will be refused; nothing needs to be asked.
        return Ok(None);
    }
    plan.guard(&order.guards, checked, request.prune).map_err(|why| refused(why, &plan))?;
    let place = session.wait(session.target.place())?;
    let pruned: Vec<&str> = plan.pruned().map(|one| one.key.as_str()).collect();
    let of = |kind: Kind| plan.pruned().filter(|one| one.kind == kind).count() as u64;
    let sizes = Kind::ALL.into_iter().filter(|kind| of(*kind) > 0).map(|kind| counted(of(kind), kind.noun()));
    let sizes = sizes.collect::<Vec<_>>().join(" and ");
    if request.intent.reset_secrets && plan.passwords > 0 {
        let passwords = counted(plan.passwords, "password");
        let seconds = plan.passwords.div_ceil(25);
        context.confirm_severe(
            &format!("set {passwords} again, about {seconds} s of a processor on {}", plain(place.address())),
            "reset-passwords",
        )?;
    }
    if pruned.is_empty() {
        return Ok(Some(plan.id));
    }
    let verb = if request.prune == Prune::Delete { "delete" } else { "disable" };
    let mut first: Vec<String> = pruned.iter().take(5).map(|key| plain(key)).collect();
    first.extend((pruned.len() > 5).then(|| "…".to_owned()));
    let what = format!("{verb} {sizes} on {} ({})", plain(place.address()), first.join(", "));
    if request.prune == Prune::Delete && pruned.len() >= SEVERE {
        context.confirm_severe(&what, &pruned.len().to_string())?;
    } else {
        context.confirm(&what)?;
    }
    Ok(Some(plan.id))
}

/// Tells the view what happens.
struct Watched<'a, 'io> {
    printer: &'a mut Printer<'io>,
    view: SyncView,
    /// Whether conflicts are left out, and the rest is done.
    skips: bool,
}

impl Observer<CtlError> for Watched<'_, '_> {
    fn planned(&mut self, plan: &Plan) -> Result<(), CtlError> {
        self.view.planned(self.printer, &plan.id, &plan.counts, plan.steps(), plan.passwords)
    }

    fn change(&mut self, change: &Change, _: Option<&reconcile::Entry>) -> Result<(), CtlError> {
        if change.operation == Operation::Conflict && self.skips {
            self.view.conflict(self.printer, change);
        }
        Ok(())
    }

    fn progress(&mut self, done: u64, failed: u64) -> Result<(), CtlError> {
        self.view.progress(self.printer, done, failed)
    }

    fn item(&mut self, item: &Item<'_>) -> Result<(), CtlError> {
        self.view.item(self.printer, item)
    }
}

/// Carries out what was ordered, and reports.
///
/// # Errors
/// Whatever stands in the way, or what could not be done.
pub(super) fn carry_out(
    session: &Session<Target>,
    desired: &mut Desired,
    order: &Order,
    context: &Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let place = session.wait(session.target.place())?;
    let Desired { source, checked, .. } = desired;
    let name = source.name().to_owned();
    let heading = diff::heading(&name, checked, &order.request, &place);
    let lease = Lease::new(checked.manager.clone(), &format!("baryctl, process {}", process::id()));
    let settings = &context.settings;
    let mut view = SyncView::new(settings.progress, settings.redact, settings.verbose > 0);
    view.begin(printer, &heading, &lease.holder)?;
    let mut watched = Watched { printer, view, skips: order.on_conflict == OnConflict::Skip };
    let verdict = session.wait(reconcile::run(&session.target, source, checked, order, &lease, &mut watched));
    let Watched { printer, mut view, .. } = watched;
    let mut counts = Counts::default();
    let ended = match verdict {
        Ok(Verdict::Busy(holder)) => {
            let message = format!("another sync is under way ({holder}); nothing was changed");
            Err(CtlError::new(Exit::Unavailable, message).hint("try again, or wait longer: --lock-timeout 5m"))
        }
        Ok(Verdict::Clean(plan)) => return view.done(printer, &heading, &plan.counts),
        Ok(Verdict::Conflicts(plan)) => Err(in_the_way(&plan.conflicts, plan.counts.conflict, "nothing was changed")),
        Ok(Verdict::Refused(plan, why)) => Err(refused(why, &plan)),
        Ok(Verdict::Done(_, outcome)) => match failure(&outcome) {
            None => return view.done(printer, &heading, &outcome.counts),
            Some(error) => {
                counts = outcome.counts;
                Err(error)
            }
        },
        Err(mut error) => {
            // Whoever else waits need not wait until the lease ends by itself.
            let _ = session.finish(reconcile::Target::give_back(&session.target, &lease));
            let done = view.written();
            if done > 0 {
                error.hints.push(format!(
                    "{} were applied and stay; the same command goes on from there",
                    counted(done, "change")
                ));
            }
            Err(error)
        }
    };
    if let Err(error) = &ended
        && !error.is_closed_pipe()
    {
        view.failed(printer, &heading, &counts, error.exit)?;
    }
    ended
}

/// What was not done, if anything was not.
fn failure(outcome: &Outcome) -> Option<CtlError> {
    let Outcome { counts, failures, failed, left, lease_lost } = outcome;
    let done = counts.changes();
    if *lease_lost {
        let message = format!("another sync took over; {} applied, {left} left", words(counts));
        return Some(CtlError::new(Exit::Unavailable, message).hint("run the same command again"));
    }
    if *failed == 0 {
        return None;
    }
    if done == 0 {
        let error = in_the_way(failures, *failed, "nothing was changed");
        let guarded = failures.iter().all(|change| change.conflict == Some(ConflictReason::LastAdministrator));
        return Some(if guarded { CtlError { exit: Exit::Refused, ..error } } else { error });
    }
    let total = done + failed + left;
    let message = format!("{failed} of {total} changes failed; {done} were applied, {left} were not tried");
    let mut error = CtlError::new(Exit::Failed, message);
    for change in failures {
        error = error.detail(format!("{}: {}", change.key, change.message.as_deref().unwrap_or("failed")));
    }
    Some(error.hint("rerun the same command after fixing it; applied changes are not repeated"))
}

fn words(counts: &Counts) -> String {
    counted(counts.changes(), "change")
}

/// Says which things are in the way, why, and how to go on.
fn in_the_way(conflicts: &[Change], total: u64, what: &str) -> CtlError {
    let verb = if total == 1 { "stands" } else { "stand" };
    let mut failure =
        CtlError::new(Exit::Conflict, format!("{} {verb} in the way; {what}", counted(total, "conflict")));
    for change in conflicts {
        failure = failure.detail(format!("{}: {}", change.key, change.message.as_deref().unwrap_or("conflict")));
    }
    let untold = total.saturating_sub(conflicts.len() as u64);
    if untold > 0 {
        failure = failure.detail(format!("and {} more", count(untold)));
    }
    let mut hints: Vec<&str> = conflicts.iter().filter_map(|change| change.hint.as_deref()).collect();
    hints.dedup();
    for hint in hints.iter().take(3) {
        failure = failure.hint(*hint);
    }
    let rest = "to apply the rest and leave these out: --on-conflict skip";
    if failure.hints.iter().any(|hint| hint.contains("--on-conflict skip")) { failure } else { failure.hint(rest) }
}

/// A guard's refusal, with the way out.
fn refused(why: Refusal, plan: &Plan) -> CtlError {
    let exit = if matches!(why, Refusal::OtherPlan { .. }) { Exit::Conflict } else { Exit::Refused };
    let error = CtlError::new(exit, format!("{why}; nothing was changed"));
    match why {
        Refusal::TooMany { count, .. } => {
            let mut first: Vec<&str> = plan.pruned().take(5).map(|one| one.key.as_str()).collect();
            first.extend((plan.pruned().nth(5).is_some()).then_some("…"));
            error
                .detail(format!("first: {}", first.join(", ")))
                .hint(format!("if this is intended, repeat with --max-prune {count}"))
        }
        Refusal::Empty { .. } => {
            error.hint("is the file complete? To really prune to zero: --allow-empty --max-prune 100%")
        }
        Refusal::OtherPlan { .. } => error.hint("review again: baryctl diff, with the same files and flags"),
    }
}
