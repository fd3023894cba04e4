//! The device code grant (RFC 8628 section 3.4): a device polls until its user has decided.
//!
//! Who polls too fast is told to slow down, and must wait five seconds longer from then on (section 3.5). Redeeming is
//! one conditional UPDATE, as with codes.

use std::collections::BTreeMap;

use barycenter_core::model::device::{DeviceAuthorization, DeviceState};
use barycenter_core::model::{Client, GrantType, Timestamp};
use barycenter_core::secret::Secret;
use barycenter_core::store::{StoreError, Transaction};

use crate::app::App;
use crate::oidc::access_token;
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::issue::{Grant, Refreshing, make};
use crate::oidc::token::{TokenForm, TokenSet, may_use};

/// By how many seconds a device that polls too fast must wait longer.
const SLOWER: i64 = 5;

/// Answers a poll.
pub(in crate::oidc) async fn poll(
    app: &App,
    client: &Client,
    form: &TokenForm,
    jkt: Option<&str>,
) -> Result<TokenSet, ProtocolError> {
    let internal = |error: StoreError| ProtocolError::internal(&error);
    may_use(client, GrantType::DeviceCode)?;
    let missing = || ProtocolError::new(ErrorCode::InvalidRequest, "device_code is missing");
    let code = Secret::new(form.device_code.as_deref().filter(|code| !code.is_empty()).ok_or_else(missing)?);
    let now = app.now();
    let found = app.store.device_authorizations().by_device_code(&code.digest()).await.map_err(internal)?;
    let device = found.filter(|device| device.client_id == client.id).ok_or_else(invalid_grant)?;
    if now >= device.expires_at {
        return Err(ProtocolError::new(ErrorCode::ExpiredToken, "the device code has expired; begin again"));
    }
    match device.state {
        DeviceState::Pending => Err(wait(app, &device, now).await?),
        DeviceState::Denied => Err(ProtocolError::new(ErrorCode::AccessDenied, "the End-User has refused")),
        DeviceState::Redeemed => Err(invalid_grant()),
        DeviceState::Approved => {
            let transaction = app.store.write().await.map_err(internal)?;
            redeem(app, transaction, client, &device, form, jkt).await
        }
    }
}

/// Notes the poll and says how it is to go on.
async fn wait(app: &App, device: &DeviceAuthorization, now: Timestamp) -> Result<ProtocolError, ProtocolError> {
    let too_fast = device.polled_at.is_some_and(|polled_at| now.since(polled_at) < device.interval);
    let interval = if too_fast { device.interval.saturating_add(SLOWER) } else { device.interval };
    let noted = app.store.device_authorizations().record_poll(&device.id, interval, now).await;
    noted.map_err(|error| ProtocolError::internal(&error))?;
    Ok(if too_fast {
        let text = format!("the device polls too fast; wait {interval} seconds from now on");
        ProtocolError::new(ErrorCode::SlowDown, text)
    } else {
        ProtocolError::new(ErrorCode::AuthorizationPending, "the End-User has not decided yet")
    })
}

async fn redeem(
    app: &App,
    transaction: Transaction,
    client: &Client,
    device: &DeviceAuthorization,
    form: &TokenForm,
    jkt: Option<&str>,
) -> Result<TokenSet, ProtocolError> {
    let internal = |error: StoreError| ProtocolError::internal(&error);
    let now = app.now();
    let approval = device.approval.as_ref().ok_or_else(invalid_grant)?;
    // The user first, as everywhere: with them locked, no token is born while everything of theirs ends.
    let user = transaction.users().by_id_locked(&approval.user_id).await.map_err(internal)?;
    let resources = access_token::resources(&form.resource, &device.resources, client)?;
    if !transaction.device_authorizations().redeem(&device.id, now).await.map_err(internal)? {
        return Err(invalid_grant());
    }
    let user = user.filter(|user| client.serves(user)).ok_or_else(invalid_grant)?;
    let session = transaction.sessions().by_id(&approval.session_id, now).await.map_err(internal)?;
    let session = session.ok_or_else(invalid_grant)?;
    let grant = Grant {
        family: &device.id,
        client,
        user: &user,
        session_id: &approval.session_id,
        scopes: &device.scopes,
        refresh_scopes: &device.scopes,
        claims: &BTreeMap::new(),
        request: None,
        authenticated_at: approval.authenticated_at,
        session: Some(&session),
        resources: &resources,
        refresh_resources: &device.resources,
        jkt,
        refreshing: Refreshing::First,
    };
    let answer = make(app, &grant)?;
    answer.store(&transaction).await?;
    transaction.commit().await.map_err(internal)?;
    Ok(answer.tokens)
}

fn invalid_grant() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidGrant,
        "the device code is unknown, already used, was issued to another client, or its user may no longer sign in",
    )
}
