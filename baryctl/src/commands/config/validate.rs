//! `baryctl config validate [FILE]`: everything that is wrong with a configuration, at once; and what is unwise.

use barycenter_core::config::{Advice, advice};
use serde_json::json;

use crate::cli::ConfigValidate;
use crate::commands::{Context, config};
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};

/// Runs the command.
///
/// # Errors
/// When anything is wrong with the configuration; with --strict, when anything is unwise.
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
    let advice = advice(&loaded.config);
    if arguments.strict && !advice.is_empty() {
        return Err(unwise(&advice));
    }
    for Advice { setting, message, fix } in &advice {
        printer.warn(format_args!("{setting}: {} ({})", plain(message), plain(fix)));
    }
    let file = loaded.file.map(|file| file.display().to_string());
    if printer.format().is_json() {
        printer.document("ConfigValidation", &json!({ "file": file, "valid": true }))?;
    } else {
        let what = file.unwrap_or_else(|| "no file, built-in defaults and environment".to_owned());
        printer.line(format_args!("{}: ok", plain(&what)))?;
    }
    Ok(Exit::Ok)
}

fn unwise(advice: &[Advice]) -> CtlError {
    let mut failure = match advice {
        [one] => CtlError::usage(format!("{}: {}", one.setting, one.message)),
        several => CtlError::usage(format!("{} values are unwise, and --strict refuses them", several.len())),
    };
    if advice.len() > 1 {
        failure.details = advice.iter().map(|one| format!("{}: {}", one.setting, one.message)).collect();
    }
    failure.hints = advice.iter().map(|one| one.fix.clone()).collect();
    failure
}
