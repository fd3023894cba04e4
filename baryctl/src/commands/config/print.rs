//! `baryctl config print`: the effective configuration, and where each value came from. A secret is `(set)`.

use barycenter_core::config::Origin;

use crate::cli::{ConfigPrint, Format};
use crate::commands::{Context, config};
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::render::list::print_pages;
use crate::target::answer::{Page, Setting};

/// Runs the command.
///
/// # Errors
/// When anything is wrong with the configuration, or stdout cannot be written.
pub(crate) fn run(arguments: &ConfigPrint, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let rows = config::load(context)?.rows().into_iter();
    let settings = rows.filter(|row| arguments.defaults || row.origin != Origin::Default).map(|row| Setting {
        name: format!("{}.{}", row.section, row.key),
        value: row.value,
        origin: row.origin.to_string(),
    });
    let mut nodes: Vec<Setting> = settings.collect();
    if !arguments.origin && printer.format() == Format::Table && printer.fields().is_empty() {
        printer.choose(&["name", "value"]);
    }
    print_pages(printer, None, |_| Ok(Page { nodes: std::mem::take(&mut nodes), next: None }))?;
    Ok(Exit::Ok)
}
