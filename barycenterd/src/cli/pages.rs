//! `barycenterd completions` and `barycenterd man`: the files in `completions/` and `man/`, made from the command tree.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, ValueEnum as _};
use clap_complete::{Generator as _, Shell};
use clap_mangen::Man;

use crate::cli::arguments::command;
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
    let mut pages = vec![page(&program, PROGRAM)?];
    for subcommand in program.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        pages.push(page(subcommand, &format!("{PROGRAM}-{}", subcommand.get_name()))?);
    }
    Ok(pages)
}

fn page(command: &Command, name: &str) -> io::Result<(String, Vec<u8>)> {
    let version = env!("CARGO_PKG_VERSION");
    let titled = command.clone().display_name(name.to_owned()).version(version).disable_version_flag(name != PROGRAM);
    let man = Man::new(titled).title(name.to_uppercase()).source(format!("{PROGRAM} {version}")).manual("Barycenter");
    let mut text = Vec::new();
    man.render(&mut text)?;
    Ok((format!("{name}.1"), text))
}
