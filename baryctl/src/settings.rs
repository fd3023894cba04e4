//! Flags joined with the environment: flag > variable > default, for every command alike.
//!
//! An empty variable counts as unset (a manifest with a missing value yields `""`); a switch must be 1, 0, true or
//! false. The environment is handed in by `main`, so that tests decide what it holds.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use barycenter_core::secret::Secret;
use clap::ValueEnum as _;
use url::{Host, Url};

use crate::cli::{ColorChoice, Format, GlobalArguments, LogForm, ProgressMode, Redaction};
use crate::error::CtlError;

/// Where the admin API is when nobody says: what `kubectl port-forward` offers.
pub(crate) const DEFAULT_SERVER: &str = "http://127.0.0.1:8081";

/// How long a request may take when nobody says.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The variables that `help environment` explains.
pub(crate) const VARIABLES: [(&str, &str); 14] = [
    ("BARYCTL_SERVER", "address of the admin API (--server)"),
    ("BARYCTL_TOKEN_FILE", "file that holds the admin token (--token-file)"),
    ("BARYCTL_TOKEN", "the admin token itself; prefer a file, which other processes cannot see"),
    ("BARYCTL_CA_FILE", "PEM file with further certificate authorities (--ca-file)"),
    ("BARYCTL_TIMEOUT", "longest time for one request (--timeout)"),
    ("BARYCTL_DIRECT", "1: act on the database itself (--direct)"),
    ("BARYCENTER_CONFIG", "the daemon's configuration file (--config)"),
    ("BARYCENTER__SECTION__KEY", "overrides one value of that file, as for the daemon"),
    ("BARYCTL_OUTPUT", "format of the answer (--output)"),
    ("BARYCTL_LOG_FORMAT", "text or json: form of the remarks on stderr (--log-format)"),
    ("GITHUB_STEP_SUMMARY", "file that --report github adds its table to"),
    ("BARYCTL_LOG", "what to log on stderr: baryctl=debug (-v)"),
    ("BARYCTL_NO_INPUT, CI", "1: never ask (--no-input)"),
    ("NO_COLOR, CLICOLOR_FORCE", "colour never, or always (--color)"),
];

/// The environment of the process.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Returns a variable's value, unless it is unset or empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns a variable's value as it is, empty or not.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// Returns a switch: false if it is unset or empty.
    ///
    /// # Errors
    /// When it is neither of 1, 0, true and false.
    pub fn switch(&self, name: &str) -> Result<bool, CtlError> {
        match self.text(name) {
            None | Some("0" | "false") => Ok(false),
            Some("1" | "true") => Ok(true),
            Some(other) => Err(CtlError::usage(format!("{name} must be 1, 0, true or false, not {other:?}"))),
        }
    }

    /// Iterates over all variables.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// How a command talks, wherever it acts.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The form of the answer.
    pub(crate) output: Format,
    /// When to use colour.
    pub(crate) color: ColorChoice,
    /// What of each thing in a list is wanted; empty: as the format has it.
    pub(crate) fields: Vec<String>,
    /// What is not shown.
    pub(crate) redact: Redaction,
    /// How progress is told.
    pub(crate) progress: ProgressMode,
    /// Whether remarks are JSON.
    pub(crate) json_log: bool,
    /// Whether only the answer and errors are wanted.
    pub(crate) quiet: bool,
    /// How much more to say: 0, 1 or 2.
    pub(crate) verbose: u8,
    /// A filter for the log, in tracing's syntax.
    pub(crate) log: Option<String>,
    /// Whether questions are answered with yes.
    pub(crate) yes: bool,
    /// Whether nobody is to be asked.
    pub(crate) no_input: bool,
}

impl Settings {
    /// Joins flags and environment.
    ///
    /// # Errors
    /// When a variable's value is none that its flag would take.
    pub(crate) fn resolve(flags: &GlobalArguments, environment: &Environment) -> Result<Self, CtlError> {
        let output = match (flags.output, environment.text("BARYCTL_OUTPUT")) {
            (Some(format), _) => format,
            (None, Some(name)) => Format::from_str(name, false).map_err(|_| {
                CtlError::usage(format!(
                    "BARYCTL_OUTPUT must be table, wide, json, ndjson, name or value, not {name:?}"
                ))
            })?,
            (None, None) => Format::default(),
        };
        let log_format = match (flags.log_format, environment.text("BARYCTL_LOG_FORMAT")) {
            (Some(format), _) => format,
            (None, Some(name)) => LogForm::from_str(name, false)
                .map_err(|_| CtlError::usage(format!("BARYCTL_LOG_FORMAT must be text or json, not {name:?}")))?,
            (None, None) => LogForm::default(),
        };
        let color = match flags.color {
            Some(color) => color,
            None if environment.text("NO_COLOR").is_some() => ColorChoice::Never,
            None if environment.text("CLICOLOR_FORCE").is_some_and(|value| value != "0") => ColorChoice::Always,
            None => ColorChoice::Auto,
        };
        // Every CI system sets CI, and not all of them to "true".
        let in_ci = environment.text("CI").is_some_and(|value| !matches!(value, "0" | "false"));
        Ok(Self {
            output,
            color,
            fields: flags.fields.clone(),
            redact: flags.redact,
            progress: flags.progress,
            json_log: log_format == LogForm::Json,
            quiet: flags.quiet,
            verbose: flags.verbose,
            log: environment.text("BARYCTL_LOG").map(str::to_owned),
            yes: flags.yes,
            no_input: flags.no_input || environment.switch("BARYCTL_NO_INPUT")? || in_ci,
        })
    }
}

/// Where a command acts.
#[derive(Debug, Clone)]
pub(crate) enum TargetSettings {
    /// On a server.
    Server(ServerSettings),
    /// On the database, through the daemon's configuration.
    Direct,
}

/// How to reach a server.
#[derive(Debug, Clone)]
pub(crate) struct ServerSettings {
    /// The base of the admin API's addresses.
    pub(crate) url: Url,
    /// Where the token comes from.
    pub(crate) token: TokenSource,
    /// Further certificate authorities.
    pub(crate) ca_file: Option<PathBuf>,
    /// How long one request may take.
    pub(crate) timeout: Duration,
}

/// Where the admin token comes from. It is never on the command line, where `ps` and the shell's history show it.
#[derive(Debug, Clone)]
pub(crate) enum TokenSource {
    /// Read for every request: projected tokens rotate.
    File(PathBuf),
    /// Given in the environment.
    Text(Secret),
    /// Nobody has said.
    Missing,
}

impl ServerSettings {
    /// Returns the address as messages show it.
    pub(crate) fn address(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }
}

impl TargetSettings {
    /// Joins flags and environment.
    ///
    /// # Errors
    /// When both ways are asked for at once, or an address is none that a token may be sent to.
    pub(crate) fn resolve(flags: &GlobalArguments, environment: &Environment) -> Result<Self, CtlError> {
        let named = environment.text("BARYCTL_SERVER");
        let direct = match (flags.direct, &flags.server) {
            (true, Some(_)) => return Err(CtlError::usage("--direct and --server exclude each other")),
            (true, None) => true,
            (false, Some(_)) => false,
            (false, None) => {
                let direct = environment.switch("BARYCTL_DIRECT")?;
                if direct && named.is_some() {
                    return Err(CtlError::usage("BARYCTL_DIRECT and BARYCTL_SERVER exclude each other")
                        .hint("unset one of them, or say --direct or --server"));
                }
                direct
            }
        };
        if direct {
            return Ok(Self::Direct);
        }
        let timeout = match (flags.timeout, environment.text("BARYCTL_TIMEOUT")) {
            (Some(timeout), _) => timeout,
            (None, Some(text)) => {
                crate::cli::duration(text).map_err(|error| CtlError::usage(format!("BARYCTL_TIMEOUT: {error}")))?
            }
            (None, None) => DEFAULT_TIMEOUT,
        };
        Ok(Self::Server(ServerSettings {
            url: server_url(flags.server.as_deref().or(named).unwrap_or(DEFAULT_SERVER))?,
            token: token_source(flags, environment),
            ca_file: Self::ca_file(flags, environment),
            timeout,
        }))
    }
}

impl TargetSettings {
    /// Returns the file with further certificate authorities.
    pub(crate) fn ca_file(flags: &GlobalArguments, environment: &Environment) -> Option<PathBuf> {
        flags.ca_file.clone().or_else(|| environment.text("BARYCTL_CA_FILE").map(PathBuf::from))
    }
}

fn token_source(flags: &GlobalArguments, environment: &Environment) -> TokenSource {
    if let Some(file) = &flags.token_file {
        return TokenSource::File(file.clone());
    }
    if let Some(file) = environment.text("BARYCTL_TOKEN_FILE") {
        return TokenSource::File(PathBuf::from(file));
    }
    environment.text("BARYCTL_TOKEN").map_or(TokenSource::Missing, |text| TokenSource::Text(Secret::new(text.trim())))
}

/// Checks an address: a token travels there.
fn server_url(text: &str) -> Result<Url, CtlError> {
    let example = "an address looks like http://127.0.0.1:8081 or https://admin.auth.example.com";
    let refused = |why: &str| CtlError::usage(format!("server address {text:?} {why}")).hint(example);
    // What may stand before the @ is not repeated.
    if text.contains('@') {
        return Err(CtlError::usage("the server address holds a user name or password; remove it").hint(example));
    }
    let url = Url::parse(text).map_err(|error| refused(&format!("is not a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("must begin with http:// or https://"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("has a query or a fragment; remove it"));
    }
    if url.scheme() == "http" && !may_be_plain(&url) {
        let message = format!("server address {text:?} would carry the admin token over the network unencrypted");
        return Err(CtlError::usage(message).hint(
            "use https://; plain http is for this machine, for single-label hosts and for Services (*.svc, *.svc.cluster.local)",
        ));
    }
    Ok(url)
}

/// Returns whether the host is this machine.
#[must_use]
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// Returns whether a bearer token may go there without TLS: this machine, or inside a cluster.
fn may_be_plain(url: &Url) -> bool {
    let inside = |name: &str| !name.contains('.') || name.ends_with(".svc") || name.ends_with(".svc.cluster.local");
    is_loopback(url) || matches!(url.host(), Some(Host::Domain(name)) if inside(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables.iter().copied().collect()
    }

    fn server(flags: &GlobalArguments, variables: &[(&str, &str)]) -> ServerSettings {
        match TargetSettings::resolve(flags, &environment(variables)) {
            Ok(TargetSettings::Server(server)) => server,
            other => panic!("not a server: {other:?}"),
        }
    }

    #[test]
    fn a_flag_beats_a_variable_beats_the_default() {
        let nothing = GlobalArguments::default();
        assert_eq!(server(&nothing, &[]).url.as_str(), "http://127.0.0.1:8081/");
        assert_eq!(server(&nothing, &[("BARYCTL_SERVER", "https://a.example")]).url.as_str(), "https://a.example/");
        let flags = GlobalArguments { server: Some("https://b.example".to_owned()), ..nothing };
        assert_eq!(server(&flags, &[("BARYCTL_SERVER", "https://a.example")]).url.as_str(), "https://b.example/");
        // A flag also beats the other way's variable.
        assert_eq!(server(&flags, &[("BARYCTL_DIRECT", "1")]).url.as_str(), "https://b.example/");
        let flags = GlobalArguments { direct: true, ..GlobalArguments::default() };
        let direct = TargetSettings::resolve(&flags, &environment(&[("BARYCTL_SERVER", "https://a.example")]));
        assert!(matches!(direct, Ok(TargetSettings::Direct)));
    }

    #[test]
    fn the_two_ways_exclude_each_other() {
        let flags = GlobalArguments {
            direct: true,
            server: Some("https://b.example".to_owned()),
            ..GlobalArguments::default()
        };
        assert_eq!(TargetSettings::resolve(&flags, &environment(&[])).unwrap_err().exit, Exit::Usage);
        let both = environment(&[("BARYCTL_DIRECT", "1"), ("BARYCTL_SERVER", "https://a.example")]);
        assert_eq!(TargetSettings::resolve(&GlobalArguments::default(), &both).unwrap_err().exit, Exit::Usage);
    }

    #[test]
    fn an_empty_variable_is_unset() {
        let variables =
            [("BARYCTL_SERVER", ""), ("BARYCTL_TOKEN_FILE", ""), ("BARYCTL_TOKEN", ""), ("BARYCTL_DIRECT", "")];
        let server = server(&GlobalArguments::default(), &variables);
        assert_eq!(server.url.as_str(), "http://127.0.0.1:8081/");
        assert!(matches!(server.token, TokenSource::Missing));
        let settings =
            Settings::resolve(&GlobalArguments::default(), &environment(&[("BARYCTL_OUTPUT", ""), ("NO_COLOR", "")]));
        assert_eq!(settings.unwrap().output, Format::Table);
    }

    #[test]
    fn a_switch_is_one_of_four_words() {
        for (value, wanted) in [("1", true), ("true", true), ("0", false), ("false", false), ("", false)] {
            assert_eq!(environment(&[("BARYCTL_DIRECT", value)]).switch("BARYCTL_DIRECT"), Ok(wanted), "{value:?}");
        }
        for value in ["yes", "TRUE", "2", " 1"] {
            let error = environment(&[("BARYCTL_DIRECT", value)]).switch("BARYCTL_DIRECT").unwrap_err();
            assert_eq!(error.exit, Exit::Usage, "{value:?}");
        }
    }

    #[test]
    fn unknown_values_of_variables_are_usage_errors() {
        for (name, value) in [("BARYCTL_OUTPUT", "yaml"), ("BARYCTL_NO_INPUT", "maybe")] {
            let error = Settings::resolve(&GlobalArguments::default(), &environment(&[(name, value)])).unwrap_err();
            assert_eq!(error.exit, Exit::Usage);
            assert!(error.message.contains(name) && error.message.contains(value), "{error}");
        }
    }

    #[test]
    fn a_token_file_beats_a_token() {
        let variables = [("BARYCTL_TOKEN", "bat_one"), ("BARYCTL_TOKEN_FILE", "/a")];
        assert!(matches!(server(&GlobalArguments::default(), &variables).token, TokenSource::File(_)));
        let shown = format!("{:?}", server(&GlobalArguments::default(), &variables[..1]));
        assert!(!shown.contains("bat_one"), "{shown}");
    }

    #[test]
    fn a_token_travels_unencrypted_only_where_it_stays_inside() {
        for fine in [
            "http://127.0.0.1:8081",
            "http://[::1]:1",
            "http://localhost",
            "http://barycenter-admin:8081",
            "http://a.b.svc",
            "http://a.b.svc.cluster.local:8081",
            "https://anything.example",
        ] {
            assert!(server_url(fine).is_ok(), "{fine}");
        }
        for bad in [
            "http://admin.example.com",
            "http://10.0.0.1",
            "http://a.svc.evil.example",
            "ftp://a",
            "127.0.0.1:8081",
            "https://a/?x",
            "",
        ] {
            assert_eq!(server_url(bad).unwrap_err().exit, Exit::Usage, "{bad}");
        }
        let error = server_url("https://me:hunter2@a.example").unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
