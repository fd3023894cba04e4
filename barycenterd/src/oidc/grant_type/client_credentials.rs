//! The client credentials grant (RFC 6749 section 4.4): a client speaks for itself.
//!
//! There is no End-User, so there is no ID Token, and no refresh token either (section 4.4.3): the client's own
//! credentials are all that it needs.

use std::collections::BTreeMap;

use barycenter_core::model::{AuthorizationId, Client, GrantType, Scope, Scopes};
use barycenter_core::store::StoreError;

use crate::app::App;
use crate::oidc::access_token::{self, NewAccessToken};
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::token::{TokenForm, TokenSet, may_use};

/// Issues an access token for the client itself.
pub(in crate::oidc) async fn issue(
    app: &App,
    client: &Client,
    form: &TokenForm,
    jkt: Option<&str>,
) -> Result<TokenSet, ProtocolError> {
    let internal = |error: StoreError| ProtocolError::internal(&error);
    may_use(client, GrantType::ClientCredentials)?;
    if client.is_public() {
        return Err(ProtocolError::new(
            ErrorCode::UnauthorizedClient,
            "a public client has no credentials of its own (RFC 6749 section 4.4)",
        ));
    }
    let scopes = scopes(form.scope.as_deref(), client)?;
    let resources = access_token::resources(&form.resource, &[], client)?;
    let now = app.now();
    let family = AuthorizationId::generate(now);
    let new = NewAccessToken {
        family: &family,
        client,
        user: None,
        scopes: &scopes,
        resources: &resources,
        jkt,
        claims: &BTreeMap::new(),
        not_after: None,
    };
    let made = access_token::make(app, &new)?;
    app.store.tokens().insert_access(&made.stored).await.map_err(internal)?;
    Ok(TokenSet::access_only(&made, &scopes))
}

/// Which scopes a client may have for itself: those that speak of a user or of a session are none of them.
fn scopes(requested: Option<&str>, client: &Client) -> Result<Scopes, ProtocolError> {
    let Some(requested) = requested.filter(|text| !text.is_empty()) else { return Ok(Scopes::default()) };
    let named = Scopes::from_names(requested.split(' ').filter(|name| !name.is_empty())).ok();
    let own = client.scopes.without(Scope::OpenId).without(Scope::OfflineAccess);
    named.filter(|named| own.covers(named)).ok_or_else(|| {
        ProtocolError::new(ErrorCode::InvalidScope, "a scope is unknown, not the client's, or speaks of an End-User")
    })
}
