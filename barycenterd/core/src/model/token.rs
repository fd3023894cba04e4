//! Access tokens and refresh tokens: opaque to clients, digests to us.
//!
//! Every token carries the id of the authorization that it grew from: the family. When a code or a refresh token
//! is used twice, the whole family ends (RFC 9700 section 4.14.2).

use std::collections::BTreeMap;

use crate::model::{AuthorizationId, ClaimRequest, ClientId, Scopes, SessionId, Timestamp, UserId};
use crate::secret::Digest;

/// An access token as the store holds it.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// Digest of the token.
    pub digest: Digest,
    /// The authorization that it grew from.
    pub family: AuthorizationId,
    /// The client that it was issued to.
    pub client_id: ClientId,
    /// The user that it speaks of; nobody: the client speaks for itself.
    pub user_id: Option<UserId>,
    /// The session in which the user agreed.
    pub session_id: Option<SessionId>,
    /// What it permits.
    pub scopes: Scopes,
    /// What it is for (RFC 8707); nothing: this provider's own endpoints.
    pub resources: Vec<String>,
    /// Thumbprint of the key that it is bound to (RFC 9449).
    pub jkt: Option<String>,
    /// The single claims that UserInfo gives for it besides (OpenID Connect Core section 5.5).
    pub claims: BTreeMap<String, ClaimRequest>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From then on it is invalid.
    pub expires_at: Timestamp,
}

impl AccessToken {
    /// Returns whether it may be used at this provider's own endpoints.
    #[must_use]
    pub fn is_for(&self, issuer: &str) -> bool {
        self.resources.is_empty() || self.resources.iter().any(|resource| resource == issuer)
    }
}

/// A refresh token as the store holds it; good for one use.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// Digest of the token.
    pub digest: Digest,
    /// The authorization that it grew from.
    pub family: AuthorizationId,
    /// The client that it was issued to.
    pub client_id: ClientId,
    /// The user that it speaks of.
    pub user_id: UserId,
    /// The session in which the user agreed.
    pub session_id: SessionId,
    /// What it permits.
    pub scopes: Scopes,
    /// What its access tokens may be for (RFC 8707).
    pub resources: Vec<String>,
    /// Thumbprint of the key that it is bound to (RFC 9449).
    pub jkt: Option<String>,
    /// The single claims that UserInfo gives for the access tokens that come of it.
    pub claims: BTreeMap<String, ClaimRequest>,
    /// When the user proved who they are: later ID Tokens repeat it (OpenID Connect Core section 12.2).
    pub authenticated_at: Timestamp,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From then on it is invalid.
    pub expires_at: Timestamp,
}
