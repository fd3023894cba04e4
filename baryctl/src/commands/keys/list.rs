//! `baryctl keys list`: the signing keys and where each stands. Private halves are never read.

use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::render::list::print_pages;
use crate::target::answer::Page;

/// Runs the command.
///
/// # Errors
/// When the target refuses or stdout cannot be written.
pub(crate) fn run(context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    with_target(context, |session| {
        print_pages(printer, None, |_| Ok(Page { nodes: session.wait(session.target.keys())?, next: None }))
    })?;
    Ok(Exit::Ok)
}
