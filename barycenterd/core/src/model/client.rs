//! A client: a relying party that may ask us who its users are.
//!
//! [`Client::resolve_redirect_uri`] is the only maker of a [`RegisteredRedirectUri`]: nothing is ever sent to an
//! address that has not gone through it (RFC 9700 section 4.1.3).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

use crate::config::Seconds;
use crate::model::{ClientId, Ownership, Scopes, Timestamp};
use crate::secret::{Digest, Secret};

/// How a client proves who it is at the token endpoint (OpenID Connect Core section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthenticationMethod {
    /// Client id and secret in the `Authorization` header.
    ClientSecretBasic,
    /// Client id and secret in the form.
    ClientSecretPost,
    /// Not at all: a public client, which must use PKCE.
    None,
}

impl ClientAuthenticationMethod {
    /// Every method, in the order in which discovery lists them.
    pub const ALL: [Self; 3] = [Self::ClientSecretBasic, Self::ClientSecretPost, Self::None];

    /// Returns the name in metadata.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::None => "none",
        }
    }

    /// Returns the method of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }
}

/// A way to obtain tokens (RFC 6749 section 1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// A code from the authorization endpoint.
    AuthorizationCode,
    /// A refresh token.
    RefreshToken,
}

impl GrantType {
    /// Every grant, in the order in which discovery lists them.
    pub const ALL: [Self; 2] = [Self::AuthorizationCode, Self::RefreshToken];

    /// Returns the name in `grant_type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// Returns the grant of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.as_str() == name)
    }
}

/// How long a client's tokens live; nothing: as configured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenLifetimes {
    /// Access tokens: at most a day.
    pub access_token: Option<Seconds>,
    /// ID Tokens: at most a day.
    pub id_token: Option<Seconds>,
    /// Refresh tokens, unused: at most a year.
    pub refresh_token: Option<Seconds>,
}

/// A client as the store holds it.
#[derive(Debug, Clone)]
pub struct Client {
    /// The `client_id`.
    pub id: ClientId,
    /// The name that End-Users see.
    pub name: String,
    /// How it proves who it is.
    pub authentication_method: ClientAuthenticationMethod,
    /// Digest of its secret; none for a public client.
    pub secret: Option<Digest>,
    /// Where authorization responses may go.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after logout.
    pub post_logout_redirect_uris: Vec<String>,
    /// How it may obtain tokens.
    pub grant_types: Vec<GrantType>,
    /// What it may ask for.
    pub scopes: Scopes,
    /// Whether it belongs to the same organisation: its users are not asked for consent.
    pub first_party: bool,
    /// Whether it may be used.
    pub enabled: bool,
    /// How long its tokens live.
    pub lifetimes: TokenLifetimes,
    /// Who decides about it.
    pub ownership: Ownership,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A redirect URI that its client has registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegisteredRedirectUri(String);

impl RegisteredRedirectUri {
    /// Returns the URI exactly as the request gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a response cannot be sent where a request wants it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RedirectUriError {
    /// The request does not say where (required by OpenID Connect Core section 3.1.2.1).
    #[error("the request has no redirect_uri")]
    Missing,
    /// The client has not registered it.
    #[error("the redirect_uri is not one of those that this client has registered")]
    Unregistered,
}

impl Client {
    /// Returns a client with the defaults of registration: every grant, every scope, no address yet.
    #[must_use]
    pub fn new(id: ClientId, name: impl Into<String>, now: Timestamp) -> Self {
        Self {
            id,
            name: name.into(),
            authentication_method: ClientAuthenticationMethod::ClientSecretBasic,
            secret: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            grant_types: GrantType::ALL.to_vec(),
            scopes: Scopes::all(),
            first_party: false,
            enabled: true,
            lifetimes: TokenLifetimes::default(),
            ownership: Ownership::Unmanaged,
            created_at: now,
        }
    }

    /// Returns the digest of everything that a users file can set, but the secret: an operator may rotate that.
    #[must_use]
    pub fn state_digest(&self) -> String {
        let TokenLifetimes { access_token, id_token, refresh_token } = self.lifetimes;
        let lifetimes = [access_token, id_token, refresh_token].map(|span| span.map(Seconds::as_seconds));
        let state = serde_json::json!([
            self.name,
            self.authentication_method,
            self.redirect_uris,
            self.post_logout_redirect_uris,
            self.grant_types,
            self.scopes,
            self.first_party,
            self.enabled,
            lifetimes,
        ]);
        Digest::of(&state.to_string()).as_str().to_owned()
    }

    /// Returns whether the client cannot keep a secret (RFC 6749 section 2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.authentication_method == ClientAuthenticationMethod::None
    }

    /// Returns whether `secret` is this client's, in constant time.
    #[must_use]
    pub fn has_secret(&self, secret: &Secret) -> bool {
        self.secret.as_ref().is_some_and(|digest| digest.matches(&secret.digest()))
    }

    /// Finds the requested URI among the registered ones: simple string comparison (RFC 9700 section 2.1), but for
    /// the port of a loopback address, which a native app cannot know beforehand (RFC 8252 section 7.3).
    ///
    /// # Errors
    /// When the request names none, or one that is not registered.
    pub fn resolve_redirect_uri(&self, requested: Option<&str>) -> Result<RegisteredRedirectUri, RedirectUriError> {
        let requested = requested.ok_or(RedirectUriError::Missing)?;
        let registered = self.redirect_uris.iter().any(|uri| uri == requested || is_same_loopback(uri, requested));
        if registered { Ok(RegisteredRedirectUri(requested.to_owned())) } else { Err(RedirectUriError::Unregistered) }
    }

    /// Returns whether a browser may be sent to `requested` after logout: exact comparison
    /// (OpenID Connect RP-Initiated Logout section 3).
    #[must_use]
    pub fn has_post_logout_redirect_uri(&self, requested: &str) -> bool {
        self.post_logout_redirect_uris.iter().any(|uri| uri == requested)
    }
}

/// Returns whether both are `http` URIs on the same loopback IP literal that differ at most in the port.
fn is_same_loopback(registered: &str, requested: &str) -> bool {
    let split = |uri: &str| {
        let rest = uri.strip_prefix("http://")?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (host, port) = match authority.rfind(':') {
            Some(colon) if !authority.ends_with(']') => authority.split_at(colon),
            _ => (authority, ""),
        };
        let digits = port.strip_prefix(':').unwrap_or("0");
        let sound =
            !digits.is_empty() && digits.parse::<u16>().is_ok() && digits.bytes().all(|byte| byte.is_ascii_digit());
        (sound && matches!(host, "127.0.0.1" | "[::1]")).then(|| (host.to_owned(), path.to_owned()))
    };
    split(registered).is_some_and(|parts| split(requested) == Some(parts))
}

impl ClientId {
    /// Returns whether a client can have this id: 1 to 128 characters that survive forms and headers.
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        let id = self.as_str();
        (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    }
}

/// The longest life of an access token or an ID Token.
const DAY: Seconds = Seconds::new(86_400);
/// The longest life of a refresh token that is not used.
const YEAR: Seconds = Seconds::new(365 * 86_400);

/// What is wrong with a client's metadata.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClientFault {
    /// Nothing to show to users.
    #[error("the name is empty")]
    NameEmpty,
    /// An id that would not survive forms and headers.
    #[error("client id {0:?} may hold 1 to 128 letters, digits and - . _ ~ only")]
    Id(String),
    /// No place to send responses to.
    #[error("at least one redirect URI is needed")]
    NoRedirectUri,
    /// Not an absolute URI.
    #[error("redirect URI {0:?} is not an absolute URI")]
    NotAbsolute(String),
    /// Fragments are where responses may go, not part of the address (RFC 6749 section 3.1.2).
    #[error("redirect URI {0:?} has a fragment (#…); remove it")]
    Fragment(String),
    /// A user name in an address misleads people.
    #[error("redirect URI {0:?} holds a user name or password; remove it")]
    Credentials(String),
    /// A scheme that a browser would execute or that nobody can own.
    #[error(
        "redirect URI {0:?} has a scheme that is not allowed: use https, http on a loopback address, or, for a public client, a reverse domain name such as com.example.app (RFC 8252)"
    )]
    Scheme(String),
    /// Codes in clear text.
    #[error("redirect URI {0:?}: a public client may use http only on 127.0.0.1, [::1] or localhost; use https")]
    PlainHttp(String),
    /// Refreshing needs something to start from.
    #[error("grant refresh_token needs authorization_code as well")]
    RefreshAlone,
    /// A token that would outlive what is sensible.
    #[error("{0} is out of range; from 1s to {1}")]
    Lifetime(&'static str, Seconds),
    /// A request without `openid` is not OpenID Connect, but nothing forbids it; an empty set permits nothing.
    #[error("at least one scope is needed")]
    NoScope,
}

impl Client {
    /// Returns everything that is wrong with this client's metadata; nothing if it may be registered.
    #[must_use]
    pub fn faults(&self) -> Vec<ClientFault> {
        let mut faults = Vec::new();
        if self.name.trim().is_empty() {
            faults.push(ClientFault::NameEmpty);
        }
        if !self.id.is_well_formed() {
            faults.push(ClientFault::Id(self.id.to_string()));
        }
        if self.redirect_uris.is_empty() {
            faults.push(ClientFault::NoRedirectUri);
        }
        let uris = self.redirect_uris.iter().chain(&self.post_logout_redirect_uris);
        faults.extend(uris.filter_map(|uri| uri_fault(uri, self.is_public())));
        if self.grant_types.contains(&GrantType::RefreshToken)
            && !self.grant_types.contains(&GrantType::AuthorizationCode)
        {
            faults.push(ClientFault::RefreshAlone);
        }
        if self.scopes.is_empty() {
            faults.push(ClientFault::NoScope);
        }
        let TokenLifetimes { access_token, id_token, refresh_token } = self.lifetimes;
        for (name, lifetime, most) in [
            ("access_token_lifetime", access_token, DAY),
            ("id_token_lifetime", id_token, DAY),
            ("refresh_token_lifetime", refresh_token, YEAR),
        ] {
            if lifetime.is_some_and(|lifetime| lifetime == Seconds::new(0) || lifetime > most) {
                faults.push(ClientFault::Lifetime(name, most));
            }
        }
        faults
    }
}

/// Returns what is wrong with one address, if anything is.
fn uri_fault(text: &str, is_public: bool) -> Option<ClientFault> {
    let fault = |make: fn(String) -> ClientFault| Some(make(text.to_owned()));
    let Ok(uri) = Url::parse(text) else { return fault(ClientFault::NotAbsolute) };
    if text.contains('#') {
        return fault(ClientFault::Fragment);
    }
    if text.chars().any(|character| character.is_control() || character.is_whitespace() || character == '\\') {
        return fault(ClientFault::NotAbsolute);
    }
    if !uri.username().is_empty() || uri.password().is_some() {
        return fault(ClientFault::Credentials);
    }
    match uri.scheme() {
        "https" => None,
        "http" if !is_public || is_loopback(&uri) => None,
        "http" => fault(ClientFault::PlainHttp),
        private if is_public && private.contains('.') => None,
        _ => fault(ClientFault::Scheme),
    }
}

/// Returns whether the host is this machine.
fn is_loopback(uri: &Url) -> bool {
    match uri.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(url::Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn client(redirect_uris: &[&str]) -> Client {
        Client {
            redirect_uris: redirect_uris.iter().map(|uri| (*uri).to_owned()).collect(),
            grant_types: vec![GrantType::AuthorizationCode],
            ..Client::new(ClientId::new("grafana"), "Grafana", Timestamp::from_unix(0))
        }
    }

    #[test]
    fn redirect_uris_are_compared_as_strings() {
        let client = client(&["https://rp.example/cb?a=1"]);
        assert!(client.resolve_redirect_uri(Some("https://rp.example/cb?a=1")).is_ok());
        for near in [
            "https://rp.example/cb",
            "https://rp.example/cb?a=1&b=2",
            "https://rp.example/cb/../cb?a=1",
            "https://RP.example/cb?a=1",
            "https://rp.example:443/cb?a=1",
            "https://rp.example/cb?a=%31",
            "https://u@rp.example/cb?a=1",
            "https://rp.example/cb?a=1#x",
            "",
            "https://rp.example.evil/cb?a=1",
        ] {
            assert_eq!(client.resolve_redirect_uri(Some(near)), Err(RedirectUriError::Unregistered), "{near}");
        }
        assert_eq!(client.resolve_redirect_uri(None), Err(RedirectUriError::Missing));
    }

    #[test]
    fn a_loopback_address_may_have_any_port() {
        let client = client(&["http://127.0.0.1/cb", "http://[::1]:9/cb", "http://localhost/cb"]);
        for fine in ["http://127.0.0.1:51004/cb", "http://127.0.0.1/cb", "http://[::1]:1/cb", "http://localhost/cb"] {
            assert!(client.resolve_redirect_uri(Some(fine)).is_ok(), "{fine}");
        }
        for near in [
            "http://localhost:1/cb",
            "http://127.0.0.1:1/other",
            "http://127.0.0.2:1/cb",
            "http://127.0.0.1:1@evil/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:99999/cb",
            "https://127.0.0.1:1/cb",
        ] {
            assert!(client.resolve_redirect_uri(Some(near)).is_err(), "{near}");
        }
    }

    #[test]
    fn registration_refuses_addresses_that_are_not_safe() {
        for (uri, fault) in [
            ("javascript:alert(1)", ClientFault::Scheme as fn(String) -> ClientFault),
            ("https://rp.example/#f", ClientFault::Fragment),
            ("/relative", ClientFault::NotAbsolute),
            ("https://u:p@rp.example/", ClientFault::Credentials),
            ("com.example.app:/cb", ClientFault::Scheme),
        ] {
            assert_eq!(client(&[uri]).faults(), [fault(uri.to_owned())], "{uri}");
        }
        let mut public = client(&["com.example.app:/cb", "http://127.0.0.1/cb", "http://rp.example/cb"]);
        public.authentication_method = ClientAuthenticationMethod::None;
        assert_eq!(public.faults(), [ClientFault::PlainHttp("http://rp.example/cb".to_owned())]);
    }
}
