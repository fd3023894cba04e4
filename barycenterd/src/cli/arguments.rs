//! The command tree. The doc comments are the help; completions and manual pages come from it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use barycenter_core::config::Seconds;
use barycenter_core::reconcile::MaxPrune;
use clap::{Args, Command, CommandFactory as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Serves OpenID Connect on one port and the admin API on another
///
/// Without a command it serves. The configuration is read from --config, from the file that BARYCENTER_CONFIG names,
/// ./config.toml or /etc/barycenter/config.toml; BARYCENTER__SECTION__KEY variables override single values.
#[derive(Debug, Parser)]
#[command(name = "barycenterd", version, disable_help_subcommand = true)]
pub(super) struct Cli {
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) action: Option<Action>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Bring the database up to date, then serve until SIGTERM (the default)
    Serve,
    /// Bring the database's schema up to date and exit
    Migrate,
    /// Check the configuration and exit
    CheckConfig(CheckConfigArguments),
    /// Ask the daemon on this machine whether it is ready, and exit: for containers without a shell
    Healthcheck(HealthcheckArguments),
    /// Make the users match a file and exit; brings the database up to date first
    SyncUsers(SyncUsersArguments),
    /// Print a generated schema
    #[command(hide = true)]
    Schema(SchemaArguments),
    /// Print a completion script for a shell
    Completions(CompletionsArguments),
    /// Print the manual page, or write all of them to a folder
    Man(ManArguments),
}

#[derive(Debug, Args)]
pub(super) struct CheckConfigArguments {
    /// Show every value and where it comes from; secrets are never shown
    #[arg(long)]
    pub(super) print: bool,
}

#[derive(Debug, Args)]
pub(super) struct HealthcheckArguments {
    /// Whether it serves: its database answers and it is not shutting down (the default)
    #[arg(long)]
    pub(super) ready: bool,
    /// Only whether its process answers
    #[arg(long, conflicts_with = "ready")]
    pub(super) live: bool,
    /// How long it may take to answer
    #[arg(long, value_name = "DURATION", default_value = "3s")]
    pub(super) timeout: Seconds,
}

#[derive(Debug, Args)]
pub(super) struct SyncUsersArguments {
    /// The users file; `-` reads stdin, a folder stands for the files in it
    #[arg(short, long, value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Take over accounts that nobody manages: names, or `all` (but those who registered themselves, who are named)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) adopt: Vec<String>,
    /// What to do with the rest of the file when some of it conflicts
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub(super) on_conflict: OnConflictChoice,
    /// What to do about users and clients that the file no longer names
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub(super) prune: PruneChoice,
    /// At most so many may be pruned: a number or a share such as 15% [default: the larger of 5 and 5%]
    #[arg(long, value_name = "N|P%")]
    pub(super) max_prune: Option<MaxPrune>,
    /// Permit a file without entries to prune
    #[arg(long)]
    pub(super) allow_empty: bool,
    /// Fill in ${NAME} from the environment where NAME matches: APP_*
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub(super) env: Vec<String>,
    /// Fill in ${NAME} from the files of this folder
    #[arg(long, value_name = "DIR")]
    pub(super) secrets_dir: Option<PathBuf>,
    /// How long to wait for another sync to end
    #[arg(long, value_name = "DURATION", default_value = "1m")]
    pub(super) lock_timeout: Seconds,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum PruneChoice {
    /// Count and mention them
    #[default]
    Keep,
    /// They may no longer sign in; they can come back
    Disable,
    /// Remove them for good
    Delete,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum OnConflictChoice {
    /// Apply nothing and exit 6
    Fail,
    /// Apply the rest, warn, and exit 0
    #[default]
    Skip,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// Which one
    #[arg(value_enum)]
    pub(super) schema: SchemaChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaChoice {
    /// The admin API: schema/admin.graphql
    Graphql,
    /// The machine endpoints: schema/openapi.json
    Openapi,
    /// users.json: schema/users.schema.json
    Users,
    /// config.toml: schema/config.schema.json
    Config,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// Write one page for each command to this folder
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
}

/// A text and what it means: a command line and what it is for, an exit code and how that came.
type Meaning = (&'static str, &'static str);

/// A command, examples of its use, and its exit codes.
pub(super) struct Explained(pub(super) &'static str, pub(super) &'static [Meaning], pub(super) &'static [Meaning]);

const EXITS: &[Meaning] =
    &[("0", "done"), ("1", "failed while running"), ("2", "the arguments or the configuration are wrong")];

const HEALTH_EXITS: &[Meaning] = &[
    ("0", "it is ready, or with --live it is alive"),
    ("1", "it is not, or does not answer, or the configuration does not say where"),
];

const SYNC_EXITS: &[Meaning] = &[
    ("0", "done, or nothing to do"),
    ("2", "the arguments, the configuration or the file are wrong; nothing was changed"),
    ("3", "failed"),
    ("6", "conflicts, or the database is newer than this program"),
    ("8", "the database is not available; try again"),
    ("130", "SIGINT; finished batches stay, running it again converges"),
    ("143", "SIGTERM; finished batches stay, running it again converges"),
];

const EXPLAINED: &[Explained] = &[
    Explained(
        "",
        &[
            ("barycenterd", "Serve with ./config.toml, or with the defaults if there is none"),
            ("barycenterd --config /etc/barycenter/config.toml", "Serve with another file"),
        ],
        EXITS,
    ),
    Explained("serve", &[("BARYCENTER__SERVER__PORT=9090 barycenterd serve", "Override one value for once")], EXITS),
    Explained("migrate", &[("barycenterd migrate", "Before the first replica of a new version starts")], EXITS),
    Explained(
        "check-config",
        &[
            ("barycenterd check-config --config config.toml", "Find every fault of the configuration"),
            ("barycenterd check-config --print", "See what the daemon would use, and why"),
        ],
        EXITS,
    ),
    Explained(
        "healthcheck",
        &[
            ("barycenterd healthcheck", "In an image: HEALTHCHECK CMD [\"barycenterd\", \"healthcheck\"]"),
            ("barycenterd healthcheck --live", "As an exec probe that does not depend on the database"),
        ],
        HEALTH_EXITS,
    ),
    Explained(
        "sync-users",
        &[
            ("barycenterd sync-users --file /secrets/users.json", "In an init container, before the server starts"),
            (
                "barycenterd sync-users --file users.json --adopt alice",
                "Take over an account that alice registered herself",
            ),
        ],
        SYNC_EXITS,
    ),
    Explained("schema", &[("barycenterd schema graphql", "The admin API")], EXITS),
    Explained(
        "completions",
        &[
            ("source <(barycenterd completions bash)", "For bash, until the shell ends"),
            ("barycenterd completions zsh > ~/.zfunc/_barycenterd", "For zsh, for good"),
        ],
        EXITS,
    ),
    Explained(
        "man",
        &[
            ("barycenterd man | man -l -", "Read the manual page"),
            ("barycenterd man --dir ~/.local/share/man/man1", "Write all pages"),
        ],
        EXITS,
    ),
];

/// Returns the command tree, with examples and exit codes at the end of every help text.
#[must_use]
pub fn command() -> Command {
    explain(Cli::command(), "").mut_subcommands(|subcommand| {
        let name = subcommand.get_name().to_owned();
        explain(subcommand, &name)
    })
}

/// Returns the command tree under the name that the program was called by.
pub(super) fn command_called(program: Option<&OsString>) -> Command {
    let name = program.and_then(|path| Path::new(path).file_name()).and_then(|name| name.to_str());
    match name {
        Some("barycenter") => command().name("barycenter").bin_name("barycenter"),
        _ => command(),
    }
}

/// Returns the examples and exit codes of a subcommand, or of the program itself.
pub(super) fn explanation(name: &str) -> Option<&'static Explained> {
    EXPLAINED.iter().find(|Explained(known, ..)| *known == name)
}

fn explain(command: Command, name: &str) -> Command {
    let Some(Explained(_, examples, exits)) = explanation(name) else { return command };
    let mut text = String::from("Examples:\n");
    for (line, meaning) in *examples {
        text.push_str(&format!("  # {meaning}\n  {line}\n"));
    }
    let mut long = format!("{text}\nExit codes:\n");
    for (code, meaning) in *exits {
        long.push_str(&format!("  {code:>3}  {meaning}\n"));
    }
    command.after_help(text.trim_end().to_owned()).after_long_help(long.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::FromArgMatches as _;

    fn parse(arguments: &[&str]) -> Cli {
        let matches = command_called(Some(&arguments[0].into())).try_get_matches_from(arguments).unwrap();
        Cli::from_arg_matches(&matches).unwrap()
    }

    #[test]
    fn the_tree_is_sound_and_every_command_is_explained() {
        command().debug_assert();
        let names: Vec<_> = Cli::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
        let explained: Vec<_> = EXPLAINED.iter().skip(1).map(|Explained(name, ..)| (*name).to_owned()).collect();
        assert_eq!(names, explained);
    }

    #[test]
    fn config_is_accepted_before_and_after_the_command() {
        for arguments in [&["barycenterd", "--config", "a", "migrate"], &["barycenterd", "migrate", "--config", "a"]] {
            assert_eq!(parse(arguments).config.unwrap(), Path::new("a"));
        }
        assert!(parse(&["barycenterd"]).action.is_none());
    }

    #[test]
    fn the_guides_spelling_is_understood() {
        let cli = parse(&["/usr/local/bin/barycenter", "sync-users", "--file", "/secrets/users.json"]);
        let Some(Action::SyncUsers(arguments)) = cli.action else { panic!("another command") };
        assert_eq!(arguments.on_conflict, OnConflictChoice::Skip);
        let help = command_called(Some(&"barycenter".into())).render_usage().to_string();
        assert!(help.contains("barycenter "), "{help}");
    }

    #[test]
    fn every_example_parses() {
        for (line, _) in EXPLAINED.iter().flat_map(|Explained(_, examples, _)| examples.iter()) {
            let plain = line.replace("source <(", "").replace(')', "");
            let words =
                plain.split(' ').skip_while(|word| word.contains('=')).take_while(|word| !matches!(*word, "|" | ">"));
            parse(&words.collect::<Vec<_>>());
        }
    }
}
