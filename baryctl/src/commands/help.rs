//! `baryctl help [TOPIC]`: a command's help, or a topic that concerns all commands.

use barycenter_core::doctor::{CATALOGUE, Group};
use clap::Command;

use crate::cli::{self, HelpArguments};
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::settings::VARIABLES;

/// The topics and what they are about.
const TOPICS: [(&str, &str); 5] = [
    ("exit-codes", "what a command ends with, and when trying again helps"),
    ("environment", "the variables that stand for flags"),
    ("output", "the formats of answers"),
    ("users-file", "what a users file may hold, and what diff and sync make of it"),
    ("guards", "what keeps a sync from what nobody meant"),
];

const USERS_FILE: &str = "\
A users file says what users and clients should be like:

  { \"manager\": \"platform\",
    \"users\": [ { \"username\": \"alice\", \"email\": \"alice@example.com\", \"groups\": [\"ops\"],
                 \"password\": \"${ALICE_PASSWORD}\", \"properties\": { \"role\": \"member\" } } ],
    \"clients\": [ { \"client_id\": \"grafana\", \"client_secret\": { \"file\": \"/secrets/grafana\" },
                   \"redirect_uris\": [\"https://grafana.example.com/login/generic_oauth\"] } ] }

  a field that is absent     is not managed: whatever it is, it stays
  a field that is null       is cleared, or brought back to its default
  properties                 are merged by name; what the file set before and no longer mentions goes
  groups                     are all of the user's groups
  password                   is set when the file's changes; what a user changed by hand stays otherwise
  password_hash              argon2id, argon2i, bcrypt, scrypt, pbkdf2; replaced by argon2id at the next sign-in
  external_id                a key that never changes: with it, another username is a rename
  protected                  never disabled or deleted because the file does not name the user
  manager                    who owns what is in the file (default: users.json); what others own is a conflict
  ${NAME}                    filled in from --secrets-dir DIR or --env PATTERN, inside texts, once; $${ is a literal ${

A file of lines (NDJSON) holds a user on each line. Several files, and folders of files, are one. The JSON Schema is
schema/users.schema.json; every fault of a file is told at once, with its line, before anything is touched.
";

const GUARDS: &str = "\
Guards are lifted on the command line only, never by a variable or a file.

  --prune disable|delete   what a file no longer names is otherwise only counted
  --max-prune N|P%         at most so many are pruned; without it, the larger of 5 and 5 %            exit 7
  --allow-empty            a list without entries may prune                                           exit 7
  --expect ID              the plan that diff has shown is carried out, or none                       exit 6
  --adopt NAME, all        take over what nobody manages; who registered themselves, by name only     exit 6
  --on-conflict skip       do the rest, and leave conflicts as they are                               exit 6
  --yes, --confirm WORD    answer what would be asked                                                 exit 7

Never pruned: users who are protected, and the last administrator who may sign in: a user whose property role is
administrator or admin, or who is in a group administrators or admins. Up to 1,000 changes are one transaction: all or
nothing. Larger plans go in several; creates and updates come first, and prunes are left out when anything failed.
";

const OUTPUT: &str = "\
Answers go to stdout, all else to stderr.

  table    for people; the default
  json     one document: {\"format\":\"1.0\",\"kind\":\"UserList\",\"items\":[…]}
  ndjson   one JSON value on each line; a diff or sync begins with a line of kind Begin and is complete with End
  wide     for people, with every column
  name     names only, one on each line
  value    the values of --fields, with tabs between them: users get alice --fields id -o value

--fields a,b chooses columns, keys and values; properties.role reaches into an object. --redact pii masks e-mail
addresses and the values of properties, --redact all leaves numbers only.

With json and ndjson an error is one object on stderr: {\"format\":\"1.0\",\"kind\":\"Error\",\"exit\":5,\"code\":\"not-found\",
\"message\":…,\"details\":[…],\"hints\":[…]}. A secret in a comparison is the object {\"secret\":true}, never a text.
schema/output.schema.json describes every answer.
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
        ["users-file"] => USERS_FILE.to_owned(),
        ["guards"] => GUARDS.to_owned(),
        [] => format!("{}\nTopics:\n{}", of_command(&[])?, table(&TOPICS)),
        ["doctor"] => format!("{}\nChecks:\n{}", of_command(&["doctor"])?, checks()),
        ["doctor", id] => check(id)?,
        path => of_command(path)?,
    };
    printer.raw(text.as_bytes())?;
    Ok(Exit::Ok)
}

fn table(lines: &[(&str, &str)]) -> String {
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    lines.iter().map(|(name, meaning)| format!("  {name:width$}  {meaning}\n")).collect()
}

/// Lists every check under its group.
fn checks() -> String {
    let mut text = String::new();
    for group in Group::ALL {
        let ids: Vec<&str> = CATALOGUE.iter().filter(|known| known.group == group).map(|known| known.id).collect();
        text.push_str(&format!("  {:9} {}\n", group.as_str(), ids.join(" ")));
    }
    text
}

/// Explains a check.
fn check(id: &str) -> Result<String, CtlError> {
    let known = CATALOGUE
        .iter()
        .find(|known| known.id == id)
        .ok_or_else(|| CtlError::usage(format!("there is no check {id:?}")).hint("baryctl help doctor lists them"))?;
    let early = if known.before_start { " \u{b7} also with --pre" } else { "" };
    Ok(format!("{} (group {}{early})\n\n{}\n", known.id, known.group.as_str(), known.about))
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
