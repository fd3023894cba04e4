//! `baryctl help [TOPIC]`: a command's help, or a topic that concerns all commands.

use clap::Command;

use crate::cli::{self, HelpArguments};
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::settings::VARIABLES;

/// The topics and what they are about.
const TOPICS: [(&str, &str); 3] = [
    ("exit-codes", "what a command ends with, and when trying again helps"),
    ("environment", "the variables that stand for flags"),
    ("output", "the formats of answers"),
];

const OUTPUT: &str = "\
Answers go to stdout, all else to stderr.

  table    for people; the default
  json     one document: {\"format\":\"1.0\",\"kind\":\"UserList\",\"items\":[…]}
  ndjson   one JSON value on each line; a diff or sync begins with a line of kind Begin and is complete with End
  name     names only, one on each line

With json and ndjson an error is one object on stderr: {\"format\":\"1.0\",\"kind\":\"Error\",\"exit\":5,\"code\":\"not-found\",
\"message\":…,\"details\":[…],\"hints\":[…]}. A secret in a comparison is the object {\"secret\":true}, never a text.
";

/// Runs the command.
///
/// # Errors
/// When there is no such topic or command.
pub(crate) fn run(arguments: &HelpArguments, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let text = match arguments.topic.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["exit-codes"] => exit_codes(),
        ["environment"] => environment(),
        ["output"] => OUTPUT.to_owned(),
        [] => format!("{}\nTopics:\n{}", of_command(&[])?, table(&TOPICS)),
        path => of_command(path)?,
    };
    printer.raw(text.as_bytes())?;
    Ok(Exit::Ok)
}

fn table(lines: &[(&str, &str)]) -> String {
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    lines.iter().map(|(name, meaning)| format!("  {name:width$}  {meaning}\n")).collect()
}

fn exit_codes() -> String {
    let mut text =
        "Exit codes are an interface: scripts and Jobs may rely on them.\n\n  CODE  NAME         RETRY  MEANING\n"
            .to_owned();
    for (exit, name, meaning, retry) in Exit::TABLE {
        text.push_str(&format!("  {:>4}  {name:11}  {retry:5}  {meaning}\n", exit.number()));
    }
    text
}

fn environment() -> String {
    format!(
        "A flag beats a variable, a variable beats the default. An empty variable counts as unset; a switch is 1, 0, true or false.\n\n{}",
        table(&VARIABLES)
    )
}

fn of_command(path: &[&str]) -> Result<String, CtlError> {
    let mut root = cli::command();
    root.build();
    let mut command: &mut Command = &mut root;
    for name in path {
        let topics = TOPICS.map(|(topic, _)| topic).join(", ");
        command = command.find_subcommand_mut(name).ok_or_else(|| {
            CtlError::usage(format!("there is no help about {:?}", path.join(" ")))
                .hint(format!("a command, or one of {topics}"))
        })?;
    }
    Ok(command.render_long_help().to_string())
}
