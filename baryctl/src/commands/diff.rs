//! `baryctl diff`, `users diff`, `clients diff`: what a sync would change. Changes nothing.

use barycenter_core::reconcile::{Change, Entry, Kind, Observer, Plan, compare};

use crate::cli::{DiffArguments, PlanOutputArguments};
use crate::commands::session::with_target;
use crate::commands::users_files::{self, Desired};
use crate::commands::{Context, Session};
use crate::error::{CtlError, Exit};
use crate::render::plan_view::{PlanEnd, PlanHeading, PlanView};
use crate::render::{Printer, plain};
use crate::target::Target;
use crate::target::answer::Place;

/// Runs the command.
///
/// # Errors
/// When the files cannot be used or the target refuses.
pub(crate) fn run(
    arguments: &DiffArguments,
    kinds: &[Kind],
    context: &mut Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let mut desired = users_files::read(arguments, kinds, context)?;
    let summary = context.environment.text("GITHUB_STEP_SUMMARY").map(str::to_owned);
    let plan = with_target(context, |session| show(session, &mut desired, arguments, summary.as_deref(), printer))?;
    Ok(if plan.counts.is_clean() { Exit::Ok } else { Exit::No })
}

/// Prints changes as they are found.
struct Shown<'a, 'io> {
    printer: &'a mut Printer<'io>,
    view: PlanView,
    heading: &'a PlanHeading<'a>,
    files: Vec<String>,
}

impl Observer<CtlError> for Shown<'_, '_> {
    fn change(&mut self, change: &Change, entry: Option<&Entry>) -> Result<(), CtlError> {
        let place = entry.and_then(|entry| Some((self.files.get(entry.file)?.as_str(), entry.position.line)));
        self.view.change(self.printer, self.heading, change, place)
    }
}

/// Compares and prints; changes nothing.
///
/// # Errors
/// When the target refuses.
pub(crate) fn show(
    session: &Session<Target>,
    desired: &mut Desired,
    arguments: &DiffArguments,
    summary_file: Option<&str>,
    printer: &mut Printer<'_>,
) -> Result<Plan, CtlError> {
    let kinds = desired.request.kinds.clone();
    let next = |place: &Place, plan: &Plan| next_command(place, arguments, &kinds, plan);
    compare_and_print(session, desired, &arguments.output, summary_file, printer, next)
}

/// The same for what is wanted by other arguments; `next` names the command that carries the plan out.
///
/// # Errors
/// When the target refuses.
pub(super) fn compare_and_print(
    session: &Session<Target>,
    desired: &mut Desired,
    output: &PlanOutputArguments,
    summary_file: Option<&str>,
    printer: &mut Printer<'_>,
    next: impl FnOnce(&Place, &Plan) -> String,
) -> Result<Plan, CtlError> {
    let Desired { source, checked, request } = desired;
    if let Target::Direct(direct) = &session.target {
        session.wait(direct.require_root_key())?;
    }
    let place = session.wait(session.target.place())?;
    let name = source.name().to_owned();
    let heading = heading(&name, checked, request, &place);
    let mut view = PlanView::new(printer, output, printer.redaction(), summary_file);
    view.begin(printer, &heading)?;
    let files = source.file_names();
    let mut shown = Shown { printer, view, heading: &heading, files };
    let plan = session.wait(compare(&session.target, source, checked, request, &mut shown))?;
    let Shown { printer, view, .. } = shown;
    let next = next(&place, &plan);
    view.end(printer, &heading, &PlanEnd { plan: &plan.id, counts: plan.counts, next: &next })?;
    Ok(plan)
}

/// Returns what is compared with what.
pub(crate) fn heading<'a>(
    file: &'a str,
    checked: &'a barycenter_core::reconcile::Checked,
    request: &barycenter_core::reconcile::Request,
    place: &'a Place,
) -> PlanHeading<'a> {
    let wanted = |kind: &Kind| checked.kinds.contains(kind) && request.kinds.contains(kind);
    let counts = Kind::ALL.into_iter().filter(wanted).map(|kind| (kind, checked.index.count(kind))).collect();
    PlanHeading { file, counts, manager: checked.manager.as_str(), place }
}

/// The command line that carries out the plan.
fn next_command(place: &Place, arguments: &DiffArguments, kinds: &[Kind], plan: &Plan) -> String {
    let mut words = vec!["baryctl".to_owned()];
    words.extend(place.server.is_none().then(|| "--direct".to_owned()));
    if let [kind] = kinds {
        words.push(kind.list().to_owned());
    }
    words.extend(["sync".to_owned(), "-f".to_owned()]);
    words.extend(arguments.files.iter().map(|file| plain(&file.display().to_string())));
    match arguments.prune {
        crate::cli::PruneChoice::Keep => {}
        crate::cli::PruneChoice::Disable => words.push("--prune disable".to_owned()),
        crate::cli::PruneChoice::Delete => words.push("--prune delete".to_owned()),
    }
    words.extend(arguments.adopt.iter().map(|name| format!("--adopt {}", plain(name))));
    words.extend(arguments.reset_passwords.then(|| "--reset-passwords".to_owned()));
    words.extend(arguments.env.iter().map(|pattern| format!("--env '{}'", plain(pattern))));
    words.extend(
        arguments.secrets_dir.iter().map(|folder| format!("--secrets-dir {}", plain(&folder.display().to_string()))),
    );
    words.push(format!("--expect {}", plan.id));
    words.join(" ")
}
