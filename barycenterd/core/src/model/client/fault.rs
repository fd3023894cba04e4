//! What may be wrong with a client's metadata: the same answer for operators, users files and registration.

use serde_json::Value;
use thiserror::Error;
use url::Url;

use crate::config::Seconds;
use crate::model::client::metadata::{ClientMetadata, SubjectType};
use crate::model::client::{Client, ClientAuthenticationMethod, GrantType, TokenLifetimes};

/// The longest life of an access token or an ID Token.
const DAY: Seconds = Seconds::new(86_400);
/// The longest life of a refresh token that is not used.
const YEAR: Seconds = Seconds::new(365 * 86_400);
/// The longest address, in bytes.
const LONGEST_URI: usize = 2048;
/// The most keys of one client.
const MOST_KEYS: usize = 50;
/// Members of a JWK that a public key does not have (RFC 7518 section 6).
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

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
    #[error("grant refresh_token needs authorization_code or the device grant as well")]
    RefreshAlone,
    /// A token that would outlive what is sensible.
    #[error("{0} is out of range; from 1s to {1}")]
    Lifetime(&'static str, Seconds),
    /// A request without `openid` is not OpenID Connect, but nothing forbids it; an empty set permits nothing.
    #[error("at least one scope is needed")]
    NoScope,
    /// A field of the further metadata.
    #[error("{0} {1}")]
    Metadata(&'static str, String),
}

impl ClientFault {
    /// Returns whether it is about an address that responses go to: `invalid_redirect_uri` of RFC 7591.
    #[must_use]
    pub const fn is_about_redirect_uris(&self) -> bool {
        matches!(
            self,
            Self::NoRedirectUri
                | Self::NotAbsolute(_)
                | Self::Fragment(_)
                | Self::Credentials(_)
                | Self::Scheme(_)
                | Self::PlainHttp(_)
        )
    }
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
        let uses_browser = self.may_use(GrantType::AuthorizationCode) || self.may_use(GrantType::Implicit);
        if self.redirect_uris.is_empty() && uses_browser {
            faults.push(ClientFault::NoRedirectUri);
        }
        let uris = self.redirect_uris.iter().chain(&self.post_logout_redirect_uris);
        faults.extend(uris.filter_map(|uri| redirect_uri_fault(uri, self.is_public())));
        let starts = self.may_use(GrantType::AuthorizationCode) || self.may_use(GrantType::DeviceCode);
        if self.may_use(GrantType::RefreshToken) && !starts {
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
        policy_faults(self, &mut faults);
        address_faults(&self.metadata, &mut faults);
        key_faults(self, &mut faults);
        faults
    }
}

/// What contradicts itself.
fn policy_faults(client: &Client, faults: &mut Vec<ClientFault>) {
    let metadata = &client.metadata;
    let mut fault = |field, reason: &str| faults.push(ClientFault::Metadata(field, reason.to_owned()));
    for response_type in client.response_types() {
        if response_type.includes("code") && !client.may_use(GrantType::AuthorizationCode) {
            if !metadata.response_types.is_empty() {
                fault("response_types", "with code need the grant authorization_code");
            }
        } else if response_type.as_str() != "code"
            && (response_type.includes("token") || response_type.includes("id_token"))
            && !client.may_use(GrantType::Implicit)
        {
            fault("response_types", "with token or id_token need the grant implicit");
        }
    }
    if client.is_public() && client.may_use(GrantType::ClientCredentials) {
        fault("grant_types", "client_credentials needs a client that proves who it is (RFC 6749 section 4.4)");
    }
    if client.is_public() && client.may_use(GrantType::TokenExchange) {
        fault("grant_types", "token exchange needs a client that proves who it is");
    }
    if client.is_public() && metadata.resource_server {
        fault("resource_server", "needs a client that proves who it is");
    }
    let hosts = client.redirect_uris.iter().filter_map(|uri| Url::parse(uri).ok()?.host_str().map(str::to_owned));
    let mut hosts: Vec<String> = hosts.collect();
    hosts.sort_unstable();
    hosts.dedup();
    if metadata.subject_type == SubjectType::Pairwise && metadata.sector_identifier_uri.is_none() && hosts.len() > 1 {
        fault(
            "sector_identifier_uri",
            "is needed: pairwise subjects with redirect URIs on several hosts (OpenID Connect Core section 8.1)",
        );
    }
    if metadata.consent_lifetime == Some(Seconds::new(0)) || metadata.consent_lifetime.is_some_and(|span| span > YEAR) {
        fault("consent_lifetime", "is out of range; from 1s to 365d");
    }
    if metadata.require_pkce == Some(false) && client.is_public() {
        fault("require_pkce", "cannot be false for a public client");
    }
}

/// What is wrong with addresses.
fn address_faults(metadata: &ClientMetadata, faults: &mut Vec<ClientFault>) {
    let pages = [
        ("client_uri", &metadata.client_uri),
        ("logo_uri", &metadata.logo_uri),
        ("policy_uri", &metadata.policy_uri),
        ("tos_uri", &metadata.tos_uri),
        ("frontchannel_logout_uri", &metadata.frontchannel_logout_uri),
        ("backchannel_logout_uri", &metadata.backchannel_logout_uri),
    ];
    for (field, uri) in pages {
        if let Some(reason) = uri.as_ref().and_then(|uri| web_uri_fault(uri, Transport::Any)) {
            faults.push(ClientFault::Metadata(field, reason));
        }
    }
    // What we, or a user who is about to sign in, must be able to trust.
    let fetched = [
        ("jwks_uri", &metadata.jwks_uri),
        ("sector_identifier_uri", &metadata.sector_identifier_uri),
        ("initiate_login_uri", &metadata.initiate_login_uri),
    ];
    for (field, uri) in fetched {
        if let Some(reason) = uri.as_ref().and_then(|uri| web_uri_fault(uri, Transport::Tls)) {
            faults.push(ClientFault::Metadata(field, reason));
        }
    }
    // A fragment here only tells versions apart (OpenID Connect Core section 6.2).
    for uri in &metadata.request_uris {
        let address = uri.split('#').next().unwrap_or_default();
        if let Some(reason) = web_uri_fault(address, Transport::Tls) {
            faults.push(ClientFault::Metadata("request_uris", reason));
        }
    }
    for uri in &metadata.resources {
        // RFC 8707 section 2: an absolute URI without a fragment.
        if uri.len() > LONGEST_URI || uri.contains('#') || Url::parse(uri).is_err() {
            faults
                .push(ClientFault::Metadata("resources", format!("{uri:?} is not an absolute URI without a fragment")));
        }
    }
}

/// What is wrong with the client's keys, and with what it signs with them.
fn key_faults(client: &Client, faults: &mut Vec<ClientFault>) {
    let metadata = &client.metadata;
    let mut fault = |field, reason: &str| faults.push(ClientFault::Metadata(field, reason.to_owned()));
    let has_keys = metadata.jwks.is_some() || metadata.jwks_uri.is_some();
    if metadata.jwks.is_some() && metadata.jwks_uri.is_some() {
        fault("jwks", "and jwks_uri exclude each other (RFC 7591 section 2)");
    }
    if client.authentication_method == ClientAuthenticationMethod::PrivateKeyJwt && !has_keys {
        fault("jwks", "or jwks_uri is needed for private_key_jwt");
    }
    let algorithm = metadata.token_endpoint_auth_signing_alg;
    match client.authentication_method {
        ClientAuthenticationMethod::PrivateKeyJwt if algorithm.is_some_and(|one| one.is_symmetric()) => {
            fault("token_endpoint_auth_signing_alg", "HS256 does not go with private_key_jwt");
        }
        ClientAuthenticationMethod::ClientSecretJwt if algorithm.is_some_and(|one| !one.is_symmetric()) => {
            fault("token_endpoint_auth_signing_alg", "must be HS256 with client_secret_jwt");
        }
        _ => {}
    }
    if metadata.request_object_signing_alg.is_some_and(|one| one.is_symmetric()) {
        fault("request_object_signing_alg", "must be an algorithm with a key pair");
    }
    if let Some(reason) = metadata.jwks.as_ref().and_then(key_set_fault) {
        faults.push(ClientFault::Metadata("jwks", reason));
    }
}

/// Returns what is wrong with a JWK Set of public keys, if anything is.
fn key_set_fault(jwks: &Value) -> Option<String> {
    let Some(keys) = jwks.get("keys").and_then(Value::as_array) else {
        return Some("is not a JWK Set: { \"keys\": [ … ] }".to_owned());
    };
    if keys.len() > MOST_KEYS {
        return Some(format!("has more than {MOST_KEYS} keys"));
    }
    for key in keys {
        if !key.get("kty").is_some_and(Value::is_string) {
            return Some("holds a key without kty".to_owned());
        }
        if let Some(member) = PRIVATE_MEMBERS.iter().find(|member| key.get(**member).is_some()) {
            return Some(format!("holds the private half of a key (member {member}); send public keys only"));
        }
    }
    None
}

/// Which transport an address may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transport {
    /// http or https.
    Any,
    /// https, or http on this very machine.
    Tls,
}

/// Returns what is wrong with an address that is neither a redirect URI nor a resource, if anything is.
fn web_uri_fault(text: &str, transport: Transport) -> Option<String> {
    let fault = |reason: &str| Some(format!("{text:?} {reason}"));
    if text.len() > LONGEST_URI {
        return Some(format!("is longer than {LONGEST_URI} bytes"));
    }
    if text.chars().any(|character| character.is_control() || character.is_whitespace() || character == '\\') {
        return fault("holds blanks, control characters or backslashes");
    }
    let Ok(uri) = Url::parse(text) else { return fault("is not an absolute URI") };
    if uri.host().is_none() || !matches!(uri.scheme(), "https" | "http") {
        return fault("must be an https URI");
    }
    if transport == Transport::Tls && uri.scheme() == "http" && !is_loopback(&uri) {
        return fault("must be https");
    }
    if text.contains('#') {
        return fault("has a fragment (#…); remove it");
    }
    if !uri.username().is_empty() || uri.password().is_some() {
        return fault("holds a user name or password; remove it");
    }
    None
}

/// Returns what is wrong with one address for responses, if anything is.
fn redirect_uri_fault(text: &str, is_public: bool) -> Option<ClientFault> {
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
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::client::tests::client;

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

    fn faults_of(metadata: Value) -> Vec<String> {
        let mut client = client(&["https://rp.example/cb"]);
        client.metadata = serde_json::from_value(metadata).unwrap();
        client.faults().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn metadata_that_is_not_safe_is_refused() {
        for wrong in [
            json!({ "logo_uri": "javascript:alert(1)" }),
            json!({ "policy_uri": "data:text/html,x" }),
            json!({ "tos_uri": "/relative" }),
            json!({ "client_uri": "https://u:p@rp.example/" }),
            json!({ "jwks_uri": "http://rp.example/jwks" }),
            json!({ "jwks_uri": "https://rp.example/jwks#x" }),
            json!({ "sector_identifier_uri": "http://rp.example/s" }),
            json!({ "initiate_login_uri": "ftp://rp.example/" }),
            json!({ "backchannel_logout_uri": "https://rp.example/a#b" }),
            json!({ "request_uris": ["http://rp.example/r"] }),
            json!({ "resources": ["relative"] }),
            json!({ "jwks": { "keys": [] }, "jwks_uri": "https://rp.example/jwks" }),
            json!({ "jwks": [] }),
            json!({ "jwks": { "keys": [{ "kty": "RSA", "d": "secret" }] } }),
            json!({ "jwks": { "keys": [{ "kty": "oct", "k": "secret" }] } }),
            json!({ "response_types": ["code id_token"] }),
            json!({ "request_object_signing_alg": "HS256" }),
            json!({ "consent_lifetime": 0 }),
        ] {
            assert_eq!(faults_of(wrong.clone()).len(), 1, "{wrong}: {:?}", faults_of(wrong.clone()));
        }
        let fine = json!({
            "logo_uri": "https://rp.example/logo.png", "request_uris": ["https://rp.example/r#1"],
            "jwks_uri": "https://rp.example/jwks", "resources": ["https://api.example", "urn:api"],
        });
        assert_eq!(faults_of(fine), [""; 0]);
    }

    #[test]
    fn what_a_public_client_cannot_prove_it_may_not_have() {
        let mut public = client(&["https://rp.example/cb"]);
        public.authentication_method = ClientAuthenticationMethod::None;
        public.grant_types.extend([GrantType::ClientCredentials, GrantType::TokenExchange]);
        public.metadata.resource_server = true;
        public.metadata.require_pkce = Some(false);
        assert_eq!(public.faults().len(), 4, "{:?}", public.faults());
    }

    #[test]
    fn a_client_without_browser_needs_no_redirect_uri() {
        let mut service = client(&[]);
        service.grant_types = vec![GrantType::ClientCredentials];
        assert_eq!(service.faults(), []);
        service.grant_types.push(GrantType::AuthorizationCode);
        assert_eq!(service.faults(), [ClientFault::NoRedirectUri]);
    }

    #[test]
    fn pairwise_subjects_on_several_hosts_need_a_sector() {
        let mut client = client(&["https://a.example/cb", "https://b.example/cb"]);
        client.metadata.subject_type = SubjectType::Pairwise;
        assert_eq!(client.faults().len(), 1);
        client.metadata.sector_identifier_uri = Some("https://a.example/sector".to_owned());
        assert_eq!(client.faults(), []);
    }

    #[test]
    fn private_key_jwt_needs_keys_and_an_algorithm_that_fits() {
        let mut client = client(&["https://rp.example/cb"]);
        client.authentication_method = ClientAuthenticationMethod::PrivateKeyJwt;
        assert_eq!(client.faults().len(), 1);
        client.metadata.jwks_uri = Some("https://rp.example/jwks".to_owned());
        assert_eq!(client.faults(), []);
        client.metadata.token_endpoint_auth_signing_alg = Some(crate::model::client::ClientAlgorithm::Hs256);
        assert_eq!(client.faults().len(), 1);
    }
}
