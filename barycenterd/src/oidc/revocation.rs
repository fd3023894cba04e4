//! `POST /revoke` (RFC 7009): a client gives up a token.
//!
//! An access token ends by itself; with a refresh token everything ends that grew from the same authorization (section
//! 2.1). A token that is not known is as good as revoked; one of another client stays what it is.

use barycenter_core::store::StoreError;

use crate::app::App;
use crate::oidc::client_authentication::authenticated;
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::introspection::TokenQuery;

/// Revokes a token.
pub(super) async fn revoke(app: &App, authorization: Option<&str>, form: &TokenQuery) -> Result<(), ProtocolError> {
    let internal = |error: StoreError| ProtocolError::internal(&error);
    let client = authenticated(app, &form.credentials(authorization)).await?;
    let digest = form.token()?.dated_digest();
    let foreign = || {
        Err(ProtocolError::new(ErrorCode::UnauthorizedClient, "the token was issued to another client; it stays valid"))
    };
    let transaction = app.store.write().await.map_err(internal)?;
    let tokens = transaction.tokens();
    if let Some(found) = tokens.access(&digest, app.now()).await.map_err(internal)? {
        if found.client_id != client.id {
            return foreign();
        }
        tokens.revoke_access(&digest).await.map_err(internal)?;
    } else if let Some((found, _)) = tokens.refresh(&digest).await.map_err(internal)? {
        if found.client_id != client.id {
            return foreign();
        }
        // The user first, as everywhere: with them locked, no token of the family is born meanwhile.
        transaction.users().by_id_locked(&found.user_id).await.map_err(internal)?;
        tokens.revoke_family(&found.family).await.map_err(internal)?;
    }
    transaction.commit().await.map_err(internal)
}
