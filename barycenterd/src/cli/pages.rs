//! `barycenterd completions` and `barycenterd man`: the files in `completions/` and `man/`, made from the command tree.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, ValueEnum as _};
use clap_complete::{Generator as _, Shell};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::arguments::{Explained, command, explanation};
use crate::cli::failure::{Exit, Failure};
use crate::cli::output;

/// The program's name in both kinds of files.
const PROGRAM: &str = "barycenterd";

/// Prints the completion script of a shell.
pub(super) fn print_completions(shell: Shell) -> Result<(), Failure> {
    output::print_bytes(&script(shell))
}

/// Prints the program's manual page, or writes all pages to a folder.
pub(super) fn print_manual(folder: Option<&Path>) -> Result<(), Failure> {
    let pages =
        manual_pages().map_err(|error| Failure::new(Exit::Failed, format!("a page cannot be made: {error}")))?;
    let Some(folder) = folder else {
        let page = pages.into_iter().find(|(name, _)| name == "barycenterd.1").map(|(_, page)| page);
        return output::print_bytes(&page.unwrap_or_default());
    };
    let refused = |path: &Path, error: io::Error| {
        Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|error| refused(folder, error))?;
    for (name, page) in &pages {
        let path = folder.join(name);
        fs::write(&path, page).map_err(|error| refused(&path, error))?;
    }
    output::note(&format!("wrote {} pages to {}", pages.len(), folder.display()));
    Ok(())
}

/// Returns every completion script: its file name and its text.
#[must_use]
pub fn completions() -> Vec<(String, Vec<u8>)> {
    Shell::value_variants().iter().map(|shell| (shell.file_name(PROGRAM), script(*shell))).collect()
}

fn script(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), PROGRAM, &mut text);
    text
}

/// Returns every manual page: its file name and its text.
///
/// # Errors
/// Never in practice: the pages are made in memory.
pub fn manual_pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut program = command();
    program.build();
    let mut pages = vec![page(&program, PROGRAM, "")?];
    for subcommand in program.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        let name = subcommand.get_name();
        pages.push(page(subcommand, &format!("{PROGRAM}-{name}"), name)?);
    }
    Ok(pages)
}

/// Makes one page: what clap knows, then examples and exit codes.
fn page(command: &Command, title: &str, name: &str) -> io::Result<(String, Vec<u8>)> {
    let version = env!("CARGO_PKG_VERSION");
    let titled = command.clone().display_name(title.to_owned()).version(version).disable_version_flag(!name.is_empty());
    let man = Man::new(titled).title(title.to_uppercase()).source(format!("{PROGRAM} {version}")).manual("Barycenter");
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
    if let Some(Explained(_, examples, exits)) = explanation(name) {
        rest.control("SH", ["EXAMPLES"]);
        for (line, meaning) in *examples {
            rest.control("TP", []).text([roman(*meaning)]).text([bold(*line)]);
        }
        rest.control("SH", ["EXIT STATUS"]);
        for (code, meaning) in *exits {
            rest.control("TP", []).text([bold(*code)]).text([roman(*meaning)]);
        }
    }
    rest.to_writer(&mut text)?;
    Ok((format!("{title}.1"), text))
}
