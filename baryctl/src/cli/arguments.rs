//! The arguments of each command.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clap_complete::Shell;

/// What to compare, and with whose accounts.
#[derive(Debug, Clone, Args)]
pub struct DiffArguments {
    /// Users files; `-` reads stdin
    #[arg(short, long = "file", required = true, num_args = 1.., value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Take over accounts that nobody manages: names, or `all` (but those who registered themselves, who are named)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub adopt: Vec<String>,
}

/// What to apply, and how.
#[derive(Debug, Clone, Args)]
pub struct SyncArguments {
    /// What to compare first.
    #[command(flatten)]
    pub compared: DiffArguments,

    /// What to do with the rest when there are conflicts
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub on_conflict: OnConflictChoice,

    /// Show what would be changed and change nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// With --direct: bring the database's schema up to date first
    #[arg(long)]
    pub migrate: bool,
}

/// What happens to the rest of a file when some of it conflicts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OnConflictChoice {
    /// Apply nothing and exit 6
    #[default]
    Fail,
    /// Apply the rest, warn, and exit 0
    Skip,
}

/// Which users to list.
#[derive(Debug, Clone, Args)]
pub struct UsersList {
    /// Only users whose name or e-mail address contains this text
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,

    /// At most so many; 0: all [default: all, but 1000 in a table on a terminal]
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

/// Which users to show.
#[derive(Debug, Clone, Args)]
pub struct UsersGet {
    /// Usernames
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
}

/// The client to register.
#[derive(Debug, Clone, Args)]
pub struct ClientCreate {
    /// The name that users see; also the client id, unless --id gives another
    #[arg(value_name = "NAME")]
    pub name: String,

    /// Where authorization responses may go; repeat it for several
    #[arg(long = "redirect-uri", required = true, value_name = "URI")]
    pub redirect_uris: Vec<String>,

    /// The client id: 1 to 128 letters, digits and - . _ ~ [default: NAME]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,

    /// How the client proves who it is at the token endpoint
    #[arg(long, value_name = "METHOD", value_enum, default_value_t)]
    pub auth: AuthenticationChoice,

    /// How the client may obtain tokens [default: all]
    #[arg(long = "grant", value_name = "GRANT", value_enum, value_delimiter = ',')]
    pub grants: Vec<GrantChoice>,

    /// What the client may ask for [default: all]
    #[arg(long = "scope", value_name = "SCOPE", value_enum, value_delimiter = ',')]
    pub scopes: Vec<ScopeChoice>,

    /// Where the browser may go after logout; repeat it for several
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    pub post_logout_redirect_uris: Vec<String>,

    /// It belongs to the same organisation: its users are not asked for consent
    #[arg(long)]
    pub first_party: bool,

    /// Write the secret to a new file (mode 0600) instead of stdout
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
}

/// How a client proves who it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum AuthenticationChoice {
    /// Id and secret in the Authorization header
    #[default]
    Basic,
    /// Id and secret in the form
    Post,
    /// Not at all: a public client, which must use PKCE
    None,
}

/// How a client may obtain tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum GrantChoice {
    /// A code from the authorization endpoint
    AuthorizationCode,
    /// A refresh token
    RefreshToken,
}

/// What a client may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ScopeChoice {
    /// An ID Token
    Openid,
    /// The profile claims
    Profile,
    /// E-mail address
    Email,
    /// A refresh token that outlives the session
    OfflineAccess,
}

/// Which clients to list.
#[derive(Debug, Clone, Args)]
pub struct ClientList {
    /// At most so many; 0: all [default: all, but 1000 in a table on a terminal]
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

/// Which clients to show.
#[derive(Debug, Clone, Args)]
pub struct ClientGet {
    /// Client ids
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,
}

/// Which clients to remove.
#[derive(Debug, Clone, Args)]
pub struct ClientDelete {
    /// Client ids
    #[arg(required = true, value_name = "ID")]
    pub ids: Vec<String>,

    /// Show what would be removed and remove nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// How to migrate.
#[derive(Debug, Clone, Args)]
pub struct DbMigrate {
    /// Show which steps would be taken and take none
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// Which configuration to check.
#[derive(Debug, Clone, Args)]
pub struct ConfigValidate {
    /// The file [default: the one that the daemon would find, see --config]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// For which shell.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Where to write manual pages.
#[derive(Debug, Clone, Args)]
pub struct ManArguments {
    /// Write one page for each command to this folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// What to explain.
#[derive(Debug, Clone, Args)]
pub struct HelpArguments {
    /// A command, or exit-codes, environment, output
    #[arg(value_name = "TOPIC")]
    pub topic: Vec<String>,
}
