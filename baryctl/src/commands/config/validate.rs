//! `baryctl config validate [FILE]`: everything that is wrong with a configuration, at once.

use serde_json::json;

use crate::cli::ConfigValidate;
use crate::commands::{Context, config};
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};

/// Runs the command.
///
/// # Errors
/// When anything is wrong with the configuration.
pub(crate) fn run(
    arguments: &ConfigValidate,
    context: &mut Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    printer.refuse_names("config validate")?;
    if arguments.file.is_some() {
        if context.flags.config.is_some() {
            return Err(CtlError::usage("FILE and --config exclude each other"));
        }
        context.flags.config.clone_from(&arguments.file);
    }
    let loaded = config::load(context)?;
    let file = loaded.file.map(|file| file.display().to_string());
    if printer.format().is_json() {
        printer.document("ConfigValidation", &json!({ "file": file, "valid": true }))?;
    } else {
        let what = file.unwrap_or_else(|| "no file, built-in defaults and environment".to_owned());
        printer.line(format_args!("{}: ok", plain(&what)))?;
    }
    Ok(Exit::Ok)
}
