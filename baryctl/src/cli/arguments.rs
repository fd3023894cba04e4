//! The arguments of each command.

use std::path::PathBuf;
use std::time::Duration;

use barycenter_core::reconcile::MaxPrune;
use clap::{Args, ValueEnum};
use clap_complete::Shell;

use crate::cli::ClientFurther;
use crate::cli::global::duration;

/// The files, and how they are meant.
#[derive(Debug, Clone, Args)]
pub struct DiffArguments {
    /// Users files; `-` reads stdin, a folder stands for the .json, .ndjson and .jsonl files in it
    #[arg(short, long = "file", required = true, num_args = 1.., value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Take over what nobody manages: names, or `all` (but accounts that registered themselves, which are named)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub adopt: Vec<String>,

    /// What to do about users and clients that the file no longer names
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub prune: PruneChoice,

    /// Set every declared password and secret again, also where the file's has not changed
    #[arg(long)]
    pub reset_passwords: bool,

    /// Fill in ${NAME} from the environment where NAME matches: APP_*
    #[arg(long = "env", value_name = "PATTERN", value_delimiter = ',')]
    pub env: Vec<String>,

    /// Fill in ${NAME} from the files of this folder
    #[arg(long, value_name = "DIR")]
    pub secrets_dir: Option<PathBuf>,

    /// What to show.
    #[command(flatten)]
    pub output: PlanOutputArguments,
}

/// How differences are shown.
#[derive(Debug, Clone, Args)]
pub struct PlanOutputArguments {
    /// Write a report as well: github, junit=FILE or markdown=FILE
    #[arg(long = "report", value_name = "REPORT", value_parser = report)]
    pub reports: Vec<ReportChoice>,

    /// The most changes of each kind that a terminal gets to see
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub max_shown: usize,
}

/// A report of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportChoice {
    /// Annotations on stderr, and a table in the file that `GITHUB_STEP_SUMMARY` names.
    Github,
    /// JUnit XML.
    Junit(PathBuf),
    /// A table in Markdown.
    Markdown(PathBuf),
}

fn report(text: &str) -> Result<ReportChoice, String> {
    match text.split_once('=') {
        None if text == "github" => Ok(ReportChoice::Github),
        Some(("junit", file)) if !file.is_empty() => Ok(ReportChoice::Junit(file.into())),
        Some(("markdown", file)) if !file.is_empty() => Ok(ReportChoice::Markdown(file.into())),
        _ => Err("is none of github, junit=FILE, markdown=FILE".to_owned()),
    }
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

    /// At most so many may be pruned: a number or a share such as 15% [default: the larger of 5 and 5%]
    #[arg(long, value_name = "N|P%")]
    pub max_prune: Option<MaxPrune>,

    /// Permit a file without entries to prune
    #[arg(long)]
    pub allow_empty: bool,

    /// Carry out this plan and no other: the id that `diff` has printed
    #[arg(long, value_name = "ID")]
    pub expect: Option<String>,

    /// How long to wait for another sync to end
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1m")]
    pub lock_timeout: Duration,

    /// Show what would be changed and change nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,

    /// With --direct: bring the database's schema up to date first
    #[arg(long)]
    pub migrate: bool,
}

/// What happens to what a file no longer names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum PruneChoice {
    /// Count and mention them
    #[default]
    Keep,
    /// They may no longer sign in; they can come back
    Disable,
    /// Remove them for good
    Delete,
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

/// The form of an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A users file
    #[default]
    Json,
    /// A users file with a user on each line
    Ndjson,
}

/// What to export, and where to.
#[derive(Debug, Clone, Args)]
pub struct ExportArguments {
    /// The file to write (mode 0600); `-` is stdout
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub file: PathBuf,

    /// Only what this users file owns
    #[arg(long, value_name = "NAME")]
    pub managed_by: Option<String>,

    /// The form
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ExportFormat,
}

/// Which users to export, and where to.
#[derive(Debug, Clone, Args)]
pub struct UsersExport {
    /// What, and where to.
    #[command(flatten)]
    pub export: ExportArguments,

    /// Export password hashes as well; with --direct only
    #[arg(long)]
    pub with_password_hashes: bool,
}

/// The form of a file to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportFormat {
    /// A users file
    Json,
    /// A users file with a user on each line
    Ndjson,
    /// Rows under a header
    Csv,
    /// A Keycloak realm export
    Keycloak,
}

/// What to do about users that are there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ImportConflictChoice {
    /// Import nothing and exit 6
    #[default]
    Fail,
    /// Leave them as they are
    Skip,
    /// Change them to what the file says
    Update,
}

/// What to import.
#[derive(Debug, Clone, Args)]
pub struct UsersImport {
    /// The file; `-` reads stdin
    #[arg(short, long, value_name = "FILE")]
    pub file: PathBuf,

    /// Its form [default: told by its name and its beginning]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<ImportFormat>,

    /// Which field a column of a CSV file fills; `-` leaves it out
    #[arg(long = "map", value_name = "COLUMN=FIELD", value_parser = mapping)]
    pub mapping: Vec<(String, String)>,

    /// What to do about users that are there already
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub on_conflict: ImportConflictChoice,

    /// How long to wait for another sync or import to end
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "1m")]
    pub lock_timeout: Duration,

    /// Show what would be made and make nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

fn mapping(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((column, field)) if !column.is_empty() && !field.is_empty() => Ok((column.to_owned(), field.to_owned())),
        _ => Err("is not COLUMN=FIELD".to_owned()),
    }
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

    /// Where authorization responses may go; repeat it for several. Only a client without codes needs none
    #[arg(long = "redirect-uri", value_name = "URI")]
    pub redirect_uris: Vec<String>,

    /// The client id: 1 to 128 letters, digits and - . _ ~ [default: NAME]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,

    /// How the client proves who it is at the token endpoint
    #[arg(long, value_name = "METHOD", value_enum, default_value_t)]
    pub auth: AuthenticationChoice,

    /// How the client may obtain tokens [default: authorization_code,refresh_token]
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

    /// Further metadata.
    #[command(flatten)]
    pub further: ClientFurther,

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
    /// A JWT that is authenticated with the secret
    SecretJwt,
    /// A JWT that is signed with a key of its own; needs --jwks or --jwks-uri
    PrivateKeyJwt,
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
    /// The client's own credentials
    ClientCredentials,
    /// Approval on another device
    #[value(name = "urn:ietf:params:oauth:grant-type:device_code", alias = "device_code")]
    DeviceCode,
    /// A token for another token
    #[value(name = "urn:ietf:params:oauth:grant-type:token-exchange", alias = "token-exchange")]
    TokenExchange,
    /// Tokens from the authorization endpoint
    Implicit,
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
    /// Groups
    Groups,
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

/// Which signing keys to show.
#[derive(Debug, Clone, Args)]
pub struct KeyGet {
    /// Its kid
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    pub kid: String,

    /// Those of others; behind `--` if one begins with a hyphen
    // A list that took hyphens would take every flag behind it.
    #[arg(value_name = "KID")]
    pub more: Vec<String>,

    /// Print the public half as PEM
    #[arg(long)]
    pub pem: bool,
}

/// An algorithm that signs tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AlgorithmChoice {
    /// RSASSA-PKCS1-v1_5 with SHA-256
    #[value(name = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256
    #[value(name = "ES256")]
    Es256,
    /// Ed25519
    #[value(name = "EdDSA")]
    EdDsa,
}

/// How to rotate.
#[derive(Debug, Clone, Args)]
pub struct KeyRotate {
    /// The algorithm of the new key; one that no key has yet is added [default: keys.alg]
    #[arg(long, value_name = "ALG", value_enum, ignore_case = true)]
    pub alg: Option<AlgorithmChoice>,

    /// When the new key begins to sign: 30m, 24h [default: when every copy of the JWKS without it has expired]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub activate_in: Option<Duration>,

    /// Show what would happen and change nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// Which key to retire, and how.
#[derive(Debug, Clone, Args)]
pub struct KeyRetire {
    /// Its kid
    #[arg(value_name = "KID", allow_hyphen_values = true)]
    pub kid: String,

    /// At once, whatever it breaks: the key may have been stolen. A successor signs from that moment on
    #[arg(long)]
    pub now: bool,

    /// Show what would happen and change nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// Which key to bring along, and how.
#[derive(Debug, Clone, Args)]
pub struct KeyImport {
    /// The private key: PEM (PKCS#8, PKCS#1, SEC1) or JWK; `-` reads stdin
    #[arg(short, long, value_name = "FILE")]
    pub file: PathBuf,

    /// A file that holds the passphrase of an encrypted PKCS#8 key
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,

    /// Its kid [default: that of the JWK, or the RFC 7638 thumbprint]
    #[arg(long, value_name = "KID", allow_hyphen_values = true)]
    pub kid: Option<String>,

    /// It signs at once: relying parties that keep an older JWKS refuse its tokens until they look again
    #[arg(long)]
    pub active: bool,

    /// Show what would happen and change nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// The root key to come.
#[derive(Debug, Clone, Args)]
pub struct KeyRewrap {
    /// The file of the new root key, PEM, mode 0600
    #[arg(long, value_name = "FILE")]
    pub new_root: PathBuf,

    /// Show what would happen and change nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
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
    /// A command, or exit-codes, environment, output, users-file, guards; `doctor ID` explains a check
    #[arg(value_name = "TOPIC")]
    pub topic: Vec<String>,
}
