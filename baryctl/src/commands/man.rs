//! `baryctl man [--dir DIR]`: manual pages, one for each command, with examples and exit codes.

use std::fs;
use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::examples::{self, Example};
use crate::cli::{self, ManArguments};
use crate::error::{CtlError, Exit};
use crate::render::Printer;

/// Runs the command.
///
/// # Errors
/// When a page cannot be written.
pub(crate) fn run(arguments: &ManArguments, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let pages = pages().map_err(|error| CtlError::new(Exit::Bug, format!("a page cannot be made: {error}")))?;
    let Some(folder) = &arguments.dir else {
        let page = pages.into_iter().find(|(name, _)| name == "baryctl.1").map(|(_, page)| page);
        printer.raw(&page.unwrap_or_default())?;
        return Ok(Exit::Ok);
    };
    let refused = |path: &std::path::Path, error: io::Error| {
        CtlError::usage(format!("{} cannot be written: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| refused(folder, error))?;
    for (name, page) in &pages {
        let path = folder.join(name);
        fs::write(&path, page).map_err(|error| refused(&path, error))?;
    }
    printer.note(format_args!("wrote {} pages to {}", pages.len(), folder.display()));
    Ok(Exit::Ok)
}

/// Returns every page: its file name and its text.
///
/// # Errors
/// Never in practice: the pages are made in memory.
pub fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = cli::bare_command();
    command.build();
    let mut pages = Vec::new();
    collect(&command, "", &mut pages)?;
    Ok(pages)
}

fn collect(command: &Command, path: &str, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let name = if path.is_empty() { "baryctl".to_owned() } else { format!("baryctl-{}", path.replace(' ', "-")) };
    pages.push((format!("{name}.1"), page(command, &name, path)?));
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        collect(subcommand, examples::join(path, subcommand.get_name()).as_str(), pages)?;
    }
    Ok(())
}

fn page(command: &Command, name: &str, path: &str) -> io::Result<Vec<u8>> {
    let version = env!("CARGO_PKG_VERSION");
    let titled = command.clone().display_name(name.to_owned()).version(version).disable_version_flag(!path.is_empty());
    let man = Man::new(titled).title(name.to_uppercase()).source(format!("baryctl {version}")).manual("Barycenter");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut rest = Roff::new();
    rest.control("SH", ["EXAMPLES"]);
    for Example { meaning, command } in examples::of(path) {
        rest.control("TP", []);
        rest.text([roman(*meaning)]);
        rest.text([bold(*command)]);
    }
    rest.control("SH", ["EXIT STATUS"]);
    for (code, name, meaning) in examples::exits(path) {
        rest.control("TP", []);
        rest.text([bold(code.number().to_string())]);
        rest.text([roman(format!("{name}: {meaning}"))]);
    }
    rest.to_writer(&mut text)?;
    Ok(text)
}
