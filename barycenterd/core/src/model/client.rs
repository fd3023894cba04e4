//! A client: a relying party that may ask us who its users are.
//!
//! [`Client::resolve_redirect_uri`] is the only maker of a [`RegisteredRedirectUri`]: nothing is ever sent to an
//! address that has not gone through it (RFC 9700 section 4.1.3). What else a client may be registered with stands in
//! `metadata`, what may be wrong with it in `fault`.

mod fault;
mod metadata;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::config::Seconds;
use crate::model::{ClientId, Ownership, Scopes, Timestamp, User};
use crate::secret::{Digest, Secret};

pub use fault::ClientFault;
pub use metadata::{AccessTokenFormat, ApplicationType, ClientAlgorithm, ClientMetadata, ResponseType, SubjectType};

/// How a client proves who it is at the token endpoint (OpenID Connect Core section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthenticationMethod {
    /// Client id and secret in the `Authorization` header.
    ClientSecretBasic,
    /// Client id and secret in the form.
    ClientSecretPost,
    /// A JWT that is authenticated with the secret (RFC 7523).
    ClientSecretJwt,
    /// A JWT that is signed with a key of its own (RFC 7523).
    PrivateKeyJwt,
    /// Not at all: a public client, which must use PKCE.
    None,
}

impl ClientAuthenticationMethod {
    /// Every method, in the order in which discovery lists them.
    pub const ALL: [Self; 5] =
        [Self::ClientSecretBasic, Self::ClientSecretPost, Self::ClientSecretJwt, Self::PrivateKeyJwt, Self::None];

    /// Returns the name in metadata.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }

    /// Returns the method of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }

    /// Returns whether the client and we share a secret.
    #[must_use]
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
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
    /// The client's own credentials: it speaks for itself, not for a user.
    ClientCredentials,
    /// A user approves on another device (RFC 8628).
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// A token for another token (RFC 8693).
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
    /// Tokens from the authorization endpoint itself: registered, never sent (OpenID Connect Core section 3.2).
    Implicit,
}

impl GrantType {
    /// Every grant, in the order in which discovery lists them.
    pub const ALL: [Self; 6] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::DeviceCode,
        Self::TokenExchange,
        Self::Implicit,
    ];

    /// What a new client may use unless somebody says otherwise.
    pub const DEFAULT: [Self; 2] = [Self::AuthorizationCode, Self::RefreshToken];

    /// Returns the name in `grant_type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::Implicit => "implicit",
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
    /// Everything else that it is registered with.
    pub metadata: ClientMetadata,
    /// Its secret, encrypted under the root key: only where we need the secret itself (`client_secret_jwt`).
    pub sealed_secret: Option<String>,
    /// Digest of the token that manages its registration (RFC 7592); none if nobody registered it by that way.
    pub registration_token: Option<Digest>,
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
    /// Returns a client with the defaults of registration: codes and refreshing, every scope, no address yet.
    #[must_use]
    pub fn new(id: ClientId, name: impl Into<String>, now: Timestamp) -> Self {
        Self {
            id,
            name: name.into(),
            authentication_method: ClientAuthenticationMethod::ClientSecretBasic,
            secret: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            grant_types: GrantType::DEFAULT.to_vec(),
            scopes: Scopes::all(),
            first_party: false,
            enabled: true,
            lifetimes: TokenLifetimes::default(),
            metadata: ClientMetadata::default(),
            sealed_secret: None,
            registration_token: None,
            ownership: Ownership::Unmanaged,
            created_at: now,
        }
    }

    /// Returns the digest of everything that a users file can set, but the secret: an operator may rotate that.
    #[must_use]
    pub fn state_digest(&self) -> String {
        let TokenLifetimes { access_token, id_token, refresh_token } = self.lifetimes;
        let lifetimes = [access_token, id_token, refresh_token].map(|span| span.map(Seconds::as_seconds));
        let mut state = vec![serde_json::json!([
            self.name,
            self.authentication_method,
            self.redirect_uris,
            self.post_logout_redirect_uris,
            self.grant_types,
            self.scopes,
            self.first_party,
            self.enabled,
            lifetimes,
        ])];
        // A client without further metadata has the digest that it had before there was any.
        if self.metadata != ClientMetadata::default() {
            state.push(serde_json::Value::Object(self.metadata.to_map()));
        }
        let text: Vec<String> = state.iter().map(ToString::to_string).collect();
        Digest::of(&text.join("\n")).as_str().to_owned()
    }

    /// Returns whether the client cannot keep a secret (RFC 6749 section 2.1).
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.authentication_method == ClientAuthenticationMethod::None
    }

    /// Returns whether the client is registered for this grant.
    #[must_use]
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// Returns what the client may ask the authorization endpoint for.
    #[must_use]
    pub fn response_types(&self) -> &[ResponseType] {
        let registered = self.metadata.response_types.as_slice();
        if registered.is_empty() { &[ResponseType::Code] } else { registered }
    }

    /// Returns whether a member of these groups may use the client: everybody may, unless it requires a group.
    #[must_use]
    pub fn admits<'a>(&self, groups: impl IntoIterator<Item = &'a str>) -> bool {
        !self.asks_for_groups() || groups.into_iter().any(|group| self.metadata.required_groups.contains(group))
    }

    /// Returns whether a user may have tokens for the client: enabled, and in a group that it requires, if it does.
    #[must_use]
    pub fn serves(&self, user: &User) -> bool {
        user.enabled && self.admits(user.groups.iter().map(String::as_str))
    }

    /// Returns whether only members of certain groups may use the client.
    #[must_use]
    pub fn asks_for_groups(&self) -> bool {
        !self.metadata.required_groups.is_empty()
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
}
