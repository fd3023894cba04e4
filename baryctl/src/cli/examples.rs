//! An example and the exit codes of every command, for its help and its manual page.
//!
//! A command without an entry here fails a test, and so does an example that does not parse.

use clap::Command;

use crate::error::Exit;

/// A command line and what it is for.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What it is for.
    pub meaning: &'static str,
    /// The command line.
    pub command: &'static str,
}

const fn example(meaning: &'static str, command: &'static str) -> Example {
    Example { meaning, command }
}

/// Codes of every command that asks a target.
const TARGET: &[Exit] = &[Exit::Ok, Exit::Usage, Exit::Failed, Exit::Auth, Exit::Conflict, Exit::Unavailable];

/// The commands: their path, their examples, and the exit codes that they add to those of [`base`].
const COMMANDS: &[(&str, &[Example], &[Exit])] = &[
    (
        "",
        &[
            example(
                "Make the users match a file, on a server",
                "baryctl --server http://127.0.0.1:8081 --token-file admin.token users sync -f users.json",
            ),
            example(
                "The same on the database, before the server first starts",
                "baryctl --direct --config config.toml users sync --migrate -f users.json",
            ),
        ],
        &[Exit::No, Exit::NotFound, Exit::Refused, Exit::Bug, Exit::Interrupted, Exit::Terminated],
    ),
    (
        "status",
        &[
            example("See where this acts and how it stands", "baryctl status"),
            example("In a probe: the exit code only", "baryctl status --ready"),
        ],
        &[Exit::No],
    ),
    (
        "doctor",
        &[
            example("Find out what is wrong", "baryctl doctor"),
            example("In a pipeline: warnings count", "baryctl doctor --strict -o json --report junit=doctor.xml"),
            example("Before the first start", "baryctl doctor --pre --config config.toml"),
            example("Only the keys and what is published", "baryctl doctor --only keys,issuer --skip issuer.clock"),
        ],
        &[Exit::No],
    ),
    (
        "wait",
        &[
            example(
                "In an init container: until the database is there and has the right schema",
                "baryctl --direct --config /app/config.toml wait --for db --for migrated --timeout 5m",
            ),
            example("In a pipeline: until the server serves", "baryctl wait --for ready"),
        ],
        &[Exit::No, Exit::NotFound],
    ),
    (
        "diff",
        &[
            example("See what a sync would change", "baryctl diff -f users.json"),
            example("The same for a program", "baryctl diff -f users.json -o json"),
            example(
                "In a pipeline: annotations on GitHub, and a table for the pull request",
                "baryctl diff -f users.json --report github --report markdown=diff.md --redact pii",
            ),
        ],
        &[Exit::No],
    ),
    (
        "sync",
        &[
            example("Make the live state match a file", "baryctl sync -f users.json"),
            example(
                "Carry out the plan that diff has shown, and no other",
                "baryctl sync -f users.json --prune disable --expect 7f3a9c12d0e4 --yes",
            ),
        ],
        &[Exit::Refused],
    ),
    ("users", &[example("List all users", "baryctl users list")], &[Exit::No, Exit::NotFound, Exit::Refused]),
    (
        "users list",
        &[
            example("List all users", "baryctl users list"),
            example(
                "The names of those with an address at one domain",
                "baryctl users list --search @example.com -o name",
            ),
        ],
        &[],
    ),
    ("users get", &[example("Show two users", "baryctl users get alice bob")], &[Exit::NotFound]),
    (
        "users diff",
        &[
            example("See what a sync would change", "baryctl users diff -f users.json"),
            example("Read the file from a pipe", "baryctl users diff -f -"),
        ],
        &[Exit::No],
    ),
    (
        "users sync",
        &[
            example("Make the users match a file", "baryctl users sync -f users.json"),
            example(
                "Take over an account that alice registered herself",
                "baryctl users sync -f users.json --adopt alice",
            ),
            example(
                "In an init container, on the database itself",
                "baryctl --direct users sync --migrate --on-conflict skip -f /secrets/users.json",
            ),
        ],
        &[Exit::Refused],
    ),
    (
        "users export",
        &[
            example(
                "Keep the users of a deployment in git",
                "baryctl users export -f users.json --managed-by platform",
            ),
            example(
                "Move to another deployment, passwords included",
                "baryctl --direct users export --with-password-hashes -f users.ndjson --format ndjson --confirm hashes",
            ),
        ],
        &[Exit::Refused],
    ),
    (
        "users import",
        &[
            example("Move here from Keycloak, passwords included", "baryctl users import -f acme-realm.json"),
            example(
                "From a table",
                "baryctl users import -f legacy.csv --map mail=email --map uid=username --on-conflict skip",
            ),
        ],
        &[],
    ),
    ("clients", &[example("List all clients", "baryctl clients list")], &[Exit::No, Exit::NotFound, Exit::Refused]),
    (
        "clients create",
        &[
            example(
                "A web application",
                "baryctl clients create grafana --redirect-uri https://grafana.example.com/login/generic_oauth",
            ),
            example(
                "A single-page or native application, which cannot keep a secret",
                "baryctl clients create app --auth none --redirect-uri http://127.0.0.1/callback",
            ),
            example(
                "Without refresh tokens, the secret in a file",
                "baryctl clients create mail --redirect-uri https://mail.example.com/cb --grant authorization_code --scope openid,email --secret-file mail.secret",
            ),
        ],
        &[],
    ),
    ("clients list", &[example("List all clients", "baryctl clients list")], &[]),
    ("clients get", &[example("Show a client", "baryctl clients get grafana")], &[Exit::NotFound]),
    (
        "clients delete",
        &[example("Remove a client without being asked", "baryctl clients delete grafana --yes")],
        &[Exit::NotFound, Exit::Refused],
    ),
    (
        "clients diff",
        &[example("See what a sync would change", "baryctl clients diff -f clients.json --secrets-dir /secrets")],
        &[Exit::No],
    ),
    (
        "clients sync",
        &[example("Make the clients match a file", "baryctl clients sync -f clients.json --prune disable")],
        &[Exit::Refused],
    ),
    (
        "clients export",
        &[example("Keep the clients of a deployment in git", "baryctl clients export -f clients.json")],
        &[],
    ),
    (
        "clients registration-token",
        &[
            example("Let one application register itself within the hour", "baryctl clients registration-token"),
            example(
                "Ten installations, a week",
                "baryctl clients registration-token --uses 10 --lifetime 7d --description rollout",
            ),
        ],
        &[],
    ),
    ("keys", &[example("List the signing keys", "baryctl keys list")], &[Exit::NotFound, Exit::Refused]),
    ("keys list", &[example("List the signing keys", "baryctl keys list")], &[]),
    (
        "keys get",
        &[example("Write the public half of a key for a program that knows no JWKS", "baryctl keys get KID --pem")],
        &[Exit::NotFound],
    ),
    (
        "keys rotate",
        &[
            example("Let a new key take the place of the one that signs", "baryctl keys rotate --yes"),
            example("Let tokens be signed with another algorithm as well", "baryctl keys rotate --alg ES256 --yes"),
            example("Publish it today for tomorrow", "baryctl keys rotate --activate-in 24h --yes"),
        ],
        &[Exit::Refused],
    ),
    (
        "keys retire",
        &[
            example("Take back a key that was published and does not sign yet", "baryctl keys retire KID --yes"),
            example(
                "See what it would break to retire a stolen key at once",
                "baryctl keys retire KID --now --dry-run",
            ),
            example("Do it", "baryctl keys retire KID --now --confirm KID"),
        ],
        &[Exit::NotFound, Exit::Refused],
    ),
    (
        "keys import",
        &[
            example(
                "Bring the key of another provider along, under its own name",
                "baryctl keys import -f key.pem --kid 2026-05a",
            ),
            example("Read it from a pipe", "baryctl keys import -f -"),
        ],
        &[Exit::Refused],
    ),
    ("keys export", &[example("Print the published keys", "baryctl keys export")], &[]),
    (
        "keys rewrap",
        &[example("Change the root key", "baryctl --direct keys rewrap --new-root new_key.pem --yes")],
        &[Exit::Refused],
    ),
    ("jobs", &[example("See what became of the last runs", "baryctl jobs list --since 24h")], &[Exit::NotFound]),
    (
        "jobs list",
        &[
            example("See what has failed today", "baryctl jobs list --state failed --since 24h"),
            example("See what there is and when it is due", "baryctl jobs list --timetable"),
        ],
        &[],
    ),
    ("jobs get", &[example("Show a run", "baryctl jobs get 01ac3d6e-7c2b-7a10-8f5e-2b6f0c9d4e11")], &[Exit::NotFound]),
    (
        "jobs trigger",
        &[example("Remove now what has expired, and wait for it", "baryctl jobs trigger clean-up --wait")],
        &[Exit::NotFound],
    ),
    (
        "jobs cancel",
        &[example("End a run that is under way", "baryctl jobs cancel 01ac3d6e-7c2b-7a10-8f5e-2b6f0c9d4e11")],
        &[Exit::NotFound],
    ),
    (
        "jobs logs",
        &[
            example("Read what a run has said", "baryctl jobs logs 01ac3d6e-7c2b-7a10-8f5e-2b6f0c9d4e11"),
            example(
                "Follow one to its end",
                "baryctl jobs logs 01ac3d6e-7c2b-7a10-8f5e-2b6f0c9d4e11 --follow --tail 20",
            ),
        ],
        &[Exit::NotFound],
    ),
    ("log", &[example("See which lines are logged", "baryctl log get")], &[]),
    ("log get", &[example("See which lines are logged", "baryctl log get")], &[]),
    ("log set", &[example("Look closely for ten minutes", "baryctl log set info,barycenterd=debug --for 10m")], &[]),
    ("log reset", &[example("Log as configured again", "baryctl log reset")], &[]),
    ("db", &[example("See whether the schema is current", "baryctl db status --config config.toml")], &[Exit::No]),
    (
        "db migrate",
        &[
            example("Bring the schema up to date", "baryctl db migrate --config config.toml"),
            example("See what that would do", "baryctl db migrate -n"),
            example("Go one step at a time", "baryctl db migrate --to 11"),
        ],
        &[],
    ),
    (
        "db status",
        &[example("See whether the schema is current", "baryctl db status --config config.toml")],
        &[Exit::No],
    ),
    (
        "backup",
        &[example("Make a backup while the daemon serves", "baryctl backup create /backup/barycenter.tar")],
        &[Exit::No, Exit::Refused],
    ),
    (
        "backup create",
        &[
            example("Make a backup while the daemon serves", "baryctl backup create /backup/barycenter.tar"),
            example("Every night, and keep two weeks of them", "baryctl backup create /backup --keep 14"),
            example("Encrypt it on the way", "baryctl backup create - | age -r age1… > barycenter.tar.age"),
            example("Beside pg_dump: the keys", "baryctl backup create --keys-only keys.tar"),
        ],
        &[],
    ),
    (
        "backup verify",
        &[example("Find out whether a backup is whole", "baryctl backup verify /backup/barycenter.tar")],
        &[Exit::No],
    ),
    (
        "backup restore",
        &[example(
            "Put a backup in the place of what is there",
            "baryctl backup restore /backup/barycenter.tar --confirm barycenter.db",
        )],
        &[Exit::No, Exit::Refused],
    ),
    ("config", &[example("Check a file before it is deployed", "baryctl config validate config.toml")], &[]),
    (
        "config validate",
        &[
            example("Check a file before it is deployed", "baryctl config validate config.toml"),
            example("Refuse what is unwise as well", "baryctl config validate --strict config.toml"),
        ],
        &[],
    ),
    (
        "config print",
        &[
            example("See what somebody has set", "baryctl config print --config config.toml"),
            example("See all that the daemon would use, and why", "baryctl config print --defaults --origin"),
        ],
        &[],
    ),
    (
        "config explain",
        &[
            example("What a setting is for", "baryctl config explain server.public_base_url"),
            example("The settings of a section", "baryctl config explain oidc"),
        ],
        &[Exit::NotFound],
    ),
    ("version", &[example("For a program", "baryctl version -o json")], &[]),
    (
        "completions",
        &[
            example("For bash, until the shell ends", "source <(baryctl completions bash)"),
            example("For zsh, for good", "baryctl completions zsh > ~/.zfunc/_baryctl"),
        ],
        &[],
    ),
    (
        "man",
        &[
            example("Read the manual page", "baryctl man | man -l -"),
            example("Write all pages", "baryctl man --dir ~/.local/share/man/man1"),
        ],
        &[],
    ),
    (
        "help",
        &[
            example("Explain the exit codes", "baryctl help exit-codes"),
            example("Explain a command", "baryctl help users sync"),
            example("Explain a check of doctor", "baryctl help doctor db.pool"),
        ],
        &[],
    ),
];

/// Returns the codes that every command of this kind has.
fn base(path: &str) -> &'static [Exit] {
    match path.split(' ').next().unwrap_or_default() {
        "version" | "completions" | "man" | "help" | "config" => &[Exit::Ok, Exit::Usage],
        "db" | "backup" => &[Exit::Ok, Exit::Usage, Exit::Failed, Exit::Conflict, Exit::Unavailable],
        _ => TARGET,
    }
}

/// Returns the examples of the command at `path`: `users sync`, or nothing for the program itself.
#[must_use]
pub fn of(path: &str) -> &'static [Example] {
    COMMANDS.iter().find(|(known, ..)| *known == path).map_or(&[], |(_, examples, _)| examples)
}

/// Returns the exit codes of the command at `path`: code, name, meaning.
#[must_use]
pub fn exits(path: &str) -> Vec<(Exit, &'static str, &'static str)> {
    let added = COMMANDS.iter().find(|(known, ..)| *known == path).map_or(&[][..], |(_, _, exits)| exits);
    let wanted = |exit: Exit| base(path).contains(&exit) || added.contains(&exit);
    Exit::TABLE
        .iter()
        .filter(|(exit, ..)| wanted(*exit))
        .map(|(exit, name, meaning, _)| (*exit, *name, *meaning))
        .collect()
}

/// Returns the path of a subcommand.
#[must_use]
pub fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path} {name}") }
}

/// Returns the command, and all below it, with examples and exit codes at the end of the help.
pub(super) fn add_to(command: Command, path: &str) -> Command {
    let mut short = String::from("Examples:\n");
    for Example { meaning, command } in of(path) {
        short.push_str(&format!("  # {meaning}\n  {command}\n"));
    }
    let mut long = format!("{short}\nExit codes:\n");
    for (exit, _, meaning) in exits(path) {
        long.push_str(&format!("  {:>3}  {meaning}\n", exit.number()));
    }
    let path = path.to_owned();
    command.after_help(short.trim_end().to_owned()).after_long_help(long.trim_end().to_owned()).mut_subcommands(
        move |subcommand| {
            let path = join(&path, subcommand.get_name());
            add_to(subcommand, &path)
        },
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn paths(command: &Command, path: &str, found: &mut Vec<String>) {
        found.push(path.to_owned());
        for subcommand in command.get_subcommands() {
            paths(subcommand, &join(path, subcommand.get_name()), found);
        }
    }

    #[test]
    fn every_command_has_an_example() {
        let mut found = Vec::new();
        paths(&Cli::command(), "", &mut found);
        let known: Vec<&str> = COMMANDS.iter().map(|(path, ..)| *path).collect();
        assert_eq!(found, known);
        assert!(COMMANDS.iter().all(|(_, examples, _)| !examples.is_empty()));
    }

    #[test]
    fn every_example_parses() {
        for (path, examples, _) in COMMANDS {
            for Example { command, .. } in *examples {
                // What a shell would take away.
                let plain = command.replace("source <(", "").replace(')', "");
                let words = plain.split([' ']).take_while(|word| !matches!(*word, "|" | ">")).collect::<Vec<_>>();
                let matches = crate::cli::command()
                    .try_get_matches_from(&words)
                    .unwrap_or_else(|error| panic!("{command}: {error}"));
                let mut names = Vec::new();
                let mut matches = &matches;
                while let Some((name, below)) = matches.subcommand() {
                    names.push(name);
                    matches = below;
                }
                assert!(path.is_empty() || names.join(" ").starts_with(path), "{command} is no example of {path}");
            }
        }
    }
}
