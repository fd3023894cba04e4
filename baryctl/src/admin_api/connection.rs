//! One HTTP POST to the admin API, and what its failures mean.

use std::error::Error as _;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use barycenter_core::secret::Secret;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, StatusCode};
use serde::Serialize;
use url::Url;

use crate::error::{CtlError, Exit};
use crate::settings::{ServerSettings, TokenSource, is_loopback};

/// How long to wait until the server takes the connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How much longer a request may take for each password that it has the server hash: 40 ms on a whole core, and a pod
/// may have a tenth of one.
const PASSWORD_TIMEOUT: Duration = Duration::from_millis(500);

/// What makes a request take longer than others.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Patience {
    /// How many passwords the server may have to hash.
    pub(super) passwords: u32,
}

/// Where the admin API lies below the server's address.
const PATH: &str = "/admin/graphql";

/// The way to a server.
#[derive(Debug)]
pub(super) struct Connection {
    http: reqwest::Client,
    address: String,
    token: TokenSource,
    timeout: Duration,
}

/// Returns a client for one server: it follows no redirect, and asks no proxy for this machine.
pub(crate) fn client(url: &Url, ca_file: Option<&Path>, timeout: Duration) -> Result<reqwest::Client, CtlError> {
    let mut http = reqwest::Client::builder()
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT.min(timeout))
        .pool_max_idle_per_host(4)
        .tls_info(true)
        .user_agent(concat!("baryctl/", env!("CARGO_PKG_VERSION")));
    if is_loopback(url) {
        http = http.no_proxy();
    }
    http = match (ca_file, url.scheme()) {
        // Nothing will be verified: without this, a machine without CA bundle could not even speak plain http.
        (_, "http") => http.tls_certs_only([]),
        (Some(file), _) => http.tls_certs_merge(authorities(file)?),
        (None, _) => http,
    };
    http.build().map_err(|error| {
        CtlError::usage(format!("TLS cannot be set up: {}", innermost(&error))).hint(
            "install the system's CA certificates, or name the authority that signed the server's: --ca-file FILE",
        )
    })
}

impl Connection {
    pub(super) fn new(settings: ServerSettings) -> Result<Self, CtlError> {
        let address = settings.address().to_owned();
        let http = client(&settings.url, settings.ca_file.as_deref(), settings.timeout)?;
        Ok(Self { http, address, token: settings.token, timeout: settings.timeout })
    }

    /// Returns the server's address as messages show it.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Posts a body and returns the answer's; an answer that is not 200 is an error.
    pub(super) async fn post(&self, body: &impl Serialize, patience: Patience) -> Result<Vec<u8>, CtlError> {
        let started = Instant::now();
        let timeout = self.timeout + PASSWORD_TIMEOUT * patience.passwords;
        let token = self.read_token()?;
        let request =
            self.http.post(format!("{}{PATH}", self.address)).bearer_auth(token.expose()).timeout(timeout).json(body);
        let response = request.send().await.map_err(|error| self.unreachable(&error, timeout))?;
        let status = response.status();
        tracing::debug!(%status, took = ?started.elapsed(), "POST {}{PATH}", self.address);
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let is_json = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("json"));
        let bytes = response.bytes().await.map_err(|error| self.unreachable(&error, timeout))?;
        // A GraphQL server may put the reason into the body of a 400.
        if status == StatusCode::OK || (status == StatusCode::BAD_REQUEST && is_json) {
            return Ok(bytes.into());
        }
        Err(self.refused(status, retry_after.as_deref()))
    }

    fn read_token(&self) -> Result<Secret, CtlError> {
        let file = match &self.token {
            TokenSource::Text(token) => return Ok(token.clone()),
            TokenSource::Missing => {
                return Err(CtlError::new(Exit::Auth, "there is no token").hint("--token-file FILE"));
            }
            TokenSource::File(file) => file,
        };
        let unusable = |why: String| CtlError::new(Exit::Auth, format!("the token file {} {why}", file.display()));
        let text = Secret::new(fs::read_to_string(file).map_err(|error| unusable(format!("cannot be read: {error}")))?);
        let token = text.expose().trim();
        if token.is_empty() {
            return Err(unusable("is empty".to_owned()));
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(unusable("does not hold one token: one line of ASCII letters, digits and signs".to_owned()));
        }
        Ok(Secret::new(token))
    }

    /// What it means that no answer came.
    fn unreachable(&self, error: &reqwest::Error, timeout: Duration) -> CtlError {
        let address = &self.address;
        let why = innermost(error);
        if error.is_timeout() && !error.is_connect() {
            return CtlError::new(
                Exit::Unavailable,
                format!("no answer from the admin API at {address} within {:?}", timeout),
            )
            .hint("try again, or allow more time: --timeout 2m");
        }
        let failure = CtlError::new(Exit::Unavailable, format!("cannot reach the admin API at {address}: {why}"));
        if why.contains("certificate") {
            return failure.hint("if the server's certificate is signed by an authority of your own: --ca-file FILE");
        }
        failure
            .hint("is barycenterd running, and is this its admin port?")
            .hint("in a cluster, is the port-forward still running?  kubectl -n barycenter port-forward svc/barycenter-admin 8081:8081")
    }

    /// What a status other than 200 means.
    fn refused(&self, status: StatusCode, retry_after: Option<&str>) -> CtlError {
        let address = &self.address;
        match status.as_u16() {
            401 => CtlError::new(Exit::Auth, format!("the admin API at {address} does not accept the token"))
                .hint("is it the token of this server?  --token-file FILE"),
            403 => CtlError::new(Exit::Auth, format!("the admin API at {address} does not permit this")),
            404 | 405 => CtlError::new(Exit::Failed, format!("there is no admin API at {address}{PATH}: {status}"))
                .hint("is this the public port? The admin API has a port of its own: --server URL"),
            300..=399 => CtlError::new(Exit::Failed, format!("{address} answers with a redirect ({status}), which is not followed: the token is for this server only"))
                .hint("give the address that it leads to: --server URL"),
            429 | 502 | 503 | 504 => {
                let failure = CtlError::new(Exit::Unavailable, format!("the admin API at {address} is not available: {status}"));
                match retry_after {
                    Some(seconds) if seconds.bytes().all(|byte| byte.is_ascii_digit()) => failure.hint(format!("try again in {seconds} s")),
                    _ => failure.hint("try again in a moment"),
                }
            }
            413 => CtlError::new(Exit::Failed, format!("the admin API at {address} refuses a request of this size: {status}")),
            _ => CtlError::new(Exit::Failed, format!("the admin API at {address} refused: {status}")),
        }
    }
}

/// Reads further certificate authorities.
fn authorities(file: &Path) -> Result<Vec<Certificate>, CtlError> {
    let unusable = |why: String| CtlError::usage(format!("the CA file {} {why}", file.display()));
    let pem = fs::read(file).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    let certificates = Certificate::from_pem_bundle(&pem)
        .map_err(|error| unusable(format!("is no PEM file: {}", innermost(&error))))?;
    if certificates.is_empty() {
        return Err(unusable("holds no certificate".to_owned()));
    }
    Ok(certificates)
}

/// Returns what lies at the bottom of an error: "connection refused" instead of "error sending request for url".
pub(crate) fn innermost(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut text = error.to_string();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    // `Connection refused (os error 111)`: the number helps nobody.
    let plain = text.split(" (os error").next().unwrap_or_default().to_owned();
    let mut characters = plain.chars();
    match characters.next() {
        Some(first)
            if !plain.starts_with(|one: char| {
                one.is_uppercase() && plain.chars().nth(1).is_some_and(char::is_uppercase)
            }) =>
        {
            first.to_lowercase().chain(characters).collect()
        }
        _ => plain,
    }
}
