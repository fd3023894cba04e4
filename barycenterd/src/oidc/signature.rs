//! Signing what is sent: with the algorithm that the client is registered for, or with ours.

use barycenter_core::keyring::KeyringError;
use barycenter_core::model::SigningAlgorithm;
use serde::Serialize;

use crate::app::App;
use crate::oidc::error::{ErrorCode, ProtocolError};

/// Returns the algorithm for a client that wants this one; ours where no key signs with it any more.
pub(super) fn algorithm(app: &App, wanted: Option<SigningAlgorithm>) -> SigningAlgorithm {
    wanted.filter(|algorithm| app.keyring.algorithms().contains(algorithm)).unwrap_or_else(|| app.keyring.algorithm())
}

/// Signs claims as a JWT of a kind.
pub(super) fn sign(
    app: &App,
    algorithm: SigningAlgorithm,
    typ: &str,
    claims: &impl Serialize,
) -> Result<String, ProtocolError> {
    app.keyring.sign_with(algorithm, typ, claims).map_err(|error| {
        tracing::error!(%error, typ, "a token could not be signed");
        let code = match error {
            // A daemon that has been out of touch does not know which key signs; it soon will.
            KeyringError::Stale(_) => ErrorCode::TemporarilyUnavailable,
            _ => ErrorCode::ServerError,
        };
        ProtocolError::new(code, "the answer could not be signed")
    })
}
