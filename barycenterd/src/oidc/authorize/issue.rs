//! The last step: what the request asked for is made and sent to the client: a code, and with the implicit and hybrid
//! flows tokens as well (OpenID Connect Core sections 3.1.2.5, 3.2.2.5 and 3.3.2.5).
//!
//! One transaction: the authorization goes from Pending to its end once, whoever else tries, and nothing is made for a
//! session or a user that has gone meanwhile.

use barycenter_core::model::authorization::CodeGrant;
use barycenter_core::model::{Authorization, Client, Session, User};
use barycenter_core::secret::Secret;
use barycenter_core::store::Transaction;
use poem::Response;

use crate::app::App;
use crate::oidc::authorize::response::{self, Said, Target};
use crate::oidc::authorize::{finished, redirected};
use crate::oidc::error::AuthorizeError;
use crate::oidc::id_token::{self, IdToken};
use crate::oidc::issue;

/// Makes the answer; none if whoever was signed in is not any more.
pub(super) async fn answer(
    app: &App,
    authorization: &Authorization,
    client: &Client,
    session: &Session,
    user: &User,
) -> Result<Option<Response>, AuthorizeError> {
    let request = &authorization.request;
    let transaction = app.store.write().await?;
    let user = transaction.users().by_id_locked(&user.id).await?.filter(|user| user.enabled);
    let session = transaction.sessions().by_id(&session.id, app.now()).await?;
    let (Some(user), Some(session)) = (user, session) else { return Ok(None) };
    let code = request.response_type.has_code().then(Secret::random);
    if !end(app, &transaction, authorization, &session, code.as_ref()).await? {
        return Err(finished().into());
    }
    let told = &client.metadata;
    if told.backchannel_logout_uri.is_some() || told.frontchannel_logout_uri.is_some() {
        transaction.logouts().take_part(&session.id, &client.id).await?;
    }
    let mut said = Said::new();
    said.extend(code.as_ref().map(|code| ("code", code.expose().to_owned())));
    let failed = |error| redirected(request, error);
    let access_token = if request.response_type.has_token() {
        let token = issue::at_the_authorization_endpoint(app, &transaction, authorization, client, &session).await;
        let token = token.map_err(failed)?;
        said.push(("access_token", token.token.expose().to_owned()));
        said.push(("token_type", "Bearer".to_owned()));
        said.push(("expires_in", token.lifetime.to_string()));
        said.push(("scope", request.scopes.to_string()));
        Some(token.token)
    } else {
        None
    };
    if request.response_type.has_id_token() {
        let token = IdToken {
            client,
            user: &user,
            session_id: &session.id,
            session: Some(&session),
            authenticated_at: session.authenticated_at,
            nonce: request.nonce.as_deref(),
            request: Some(request),
            access_token: access_token.as_ref().map(Secret::expose),
            code: code.as_ref().map(Secret::expose),
        };
        said.push(("id_token", id_token::issue(app, &token).map_err(failed)?));
    }
    transaction.commit().await?;
    let target =
        Target { redirect_uri: &request.redirect_uri, mode: request.response_mode, state: request.state.as_deref() };
    Ok(Some(response::success(app, &target, said)))
}

/// Takes the step from Pending to CodeIssued, or to Redeemed where nothing is left to redeem; returns whether this
/// caller took it.
async fn end(
    app: &App,
    transaction: &Transaction,
    authorization: &Authorization,
    session: &Session,
    code: Option<&Secret>,
) -> Result<bool, AuthorizeError> {
    let Some(code) = code else { return Ok(transaction.authorizations().finish(&authorization.id).await?) };
    let grant = CodeGrant {
        code: code.digest(),
        expires_at: app.now().plus(app.config.oidc.authorization_code_lifetime.as_seconds()),
        user_id: session.user_id.clone(),
        session_id: session.id.clone(),
        authenticated_at: session.authenticated_at,
    };
    Ok(transaction.authorizations().issue_code(&authorization.id, &grant).await?)
}
