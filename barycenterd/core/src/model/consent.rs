//! Consent: which scopes a user has granted to a client.

use crate::model::{ClientId, Scopes, Timestamp, UserId};

/// What one user has granted to one client.
#[derive(Debug, Clone)]
pub struct Consent {
    /// Who granted it.
    pub user_id: UserId,
    /// To whom.
    pub client_id: ClientId,
    /// What.
    pub scopes: Scopes,
    /// From when on it is remembered.
    pub granted_at: Timestamp,
}
