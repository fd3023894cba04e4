//! `/login`: the End-User proves who they are.
//!
//! Whatever the reason for a refusal (no such user, wrong password, disabled account), the work, the answer and its
//! time are the same. Whoever gets in with a hash that is not of today's parameters leaves with one that is.

use std::sync::Arc;

use barycenter_core::model::{Authorization, Client, User, Username};
use barycenter_core::password::{self, PasswordHash};
use barycenter_core::secret::Secret;
use poem::http::{StatusCode, Uri};
use poem::web::Data;
use poem::{Request, Response, handler};

use crate::app::App;
use crate::browser::pages::Login;
use crate::browser::{self, Visitor, html, html_error};
use crate::oidc::{DisplayedError, Parameters, authorize};

/// `GET /login`.
#[handler]
pub(crate) async fn show(app: Data<&Arc<App>>, request: &Request, uri: &Uri) -> Response {
    let parameters = Parameters::parse(uri.query().unwrap_or_default());
    let mut visitor = Visitor::of(&app, request);
    let response = match pending(&app, &visitor, &parameters).await {
        Ok(Some((authorization, client))) => {
            let username = authorization.request.login_hint.clone().unwrap_or_default();
            Ok(page(&app, &mut visitor, &parameters, Some(&client), &username, None))
        }
        Ok(None) => Ok(page(&app, &mut visitor, &parameters, None, "", None)),
        Err(error) => Err(error),
    };
    visitor.attach(response.unwrap_or_else(|error| html_error(&app, &error)))
}

/// `POST /login`.
#[handler]
pub(crate) async fn submit(app: Data<&Arc<App>>, request: &Request, body: String) -> Response {
    let parameters = Parameters::parse(&body);
    let mut visitor = Visitor::of(&app, request);
    let response = match visitor.require_own_form(&app, request, "login", &parameters) {
        Ok(()) => sign_in(&app, &mut visitor, &parameters).await,
        Err(error) => Err(error),
    };
    let response = response.unwrap_or_else(|error| html_error(&app, &error));
    app.metrics.oidc.login(response.status());
    visitor.attach(response)
}

/// The authorization that waits for this sign-in, if one does.
async fn pending(
    app: &App,
    visitor: &Visitor,
    parameters: &Parameters,
) -> Result<Option<(Authorization, Client)>, DisplayedError> {
    let Some(handle) = parameters.get("authorization") else { return Ok(None) };
    let (authorization, client, _) = authorize::pending(app, visitor, Some(handle)).await?;
    Ok(Some((authorization, client)))
}

/// Checks name and password, begins a session and goes on.
async fn sign_in(app: &App, visitor: &mut Visitor, parameters: &Parameters) -> Result<Response, DisplayedError> {
    let waiting = pending(app, visitor, parameters).await?;
    let username = parameters.get("username").unwrap_or_default();
    let password = Secret::new(parameters.get("password").unwrap_or_default());
    // Hashing takes its time: the password or the account may have been taken away meanwhile, or the hash been replaced
    // by another sign-in. So what is there then is looked at, too.
    for _ in 0..2 {
        let Some(user) = authenticate(app, username, &password).await? else { break };
        let better = better_hash(app, &user, &password).await;
        let transaction = app.store.write().await?;
        let current = transaction.users().by_id_locked(&user.id).await?;
        if current.is_none_or(|current| !current.enabled || current.password != user.password) {
            continue;
        }
        if let (Some(old), Some(new)) = (&user.password, &better)
            && let Err(error) = transaction.users().replace_password(&user.id, old, new).await
        {
            tracing::warn!(user = %user.id, %error, "a better hash could not be stored");
        }
        let session = visitor.begin_session(app, &transaction, &user).await?;
        if let Some((authorization, _)) = &waiting {
            transaction.authorizations().record_sign_in(&authorization.id, &session.id).await?;
        }
        transaction.commit().await?;
        tracing::info!(user = %user.id, "signed in");
        return Ok(onward(app, parameters));
    }
    Ok(refused(app, visitor, parameters, waiting.as_ref().map(|(_, client)| client), username))
}

/// Hashes a password again whose hash another system has made, or this one with other parameters. What goes wrong with
/// that keeps nobody from signing in.
async fn better_hash(app: &App, user: &User, password: &Secret) -> Option<PasswordHash> {
    if user.password.as_ref().is_none_or(|hash| app.hasher.is_current(hash)) {
        return None;
    }
    let warn = |error: &dyn std::error::Error| tracing::warn!(user = %user.id, %error, "a password keeps its old hash");
    let prepared = password::prepare(password).inspect_err(|error| warn(error)).ok()?;
    app.hasher.hash(&prepared).await.inspect_err(|error| warn(error)).ok()
}

/// Shows the form again; why, is nobody's business.
fn refused(
    app: &App,
    visitor: &mut Visitor,
    parameters: &Parameters,
    client: Option<&Client>,
    username: &str,
) -> Response {
    tracing::info!("a sign-in was refused");
    page(app, visitor, parameters, client, username, Some("The username or the password is not right."))
}

/// Where a browser goes that has signed in.
pub(super) fn onward(app: &App, parameters: &Parameters) -> Response {
    match parameters.get("authorization") {
        Some(handle) => {
            let handle: String = url::form_urlencoded::byte_serialize(handle.as_bytes()).collect();
            browser::see_other(app, &format!("/authorize/resume?authorization={handle}"))
        }
        None => browser::see_other(app, "/"),
    }
}

/// Returns the user of this name and password who may sign in. One verification, whatever happens.
async fn authenticate(app: &App, username: &str, password: &Secret) -> Result<Option<User>, DisplayedError> {
    let user = match Username::parse(username) {
        Ok(username) => app.store.users().by_username(&username).await?,
        Err(_) => None,
    };
    let hash = user.as_ref().and_then(|user| user.password.as_ref());
    let matches = app.hasher.verify(password, hash).await.map_err(|error| DisplayedError::internal(&error))?;
    Ok(user.filter(|user| matches && user.enabled))
}

fn page(
    app: &App,
    visitor: &mut Visitor,
    parameters: &Parameters,
    client: Option<&Client>,
    username: &str,
    error: Option<&str>,
) -> Response {
    let authorization = parameters.get("authorization").map(str::to_owned);
    let register_url = app.config.server.allow_public_registration.then(|| {
        let query = authorization.as_ref().map(|handle| format!("?authorization={handle}")).unwrap_or_default();
        format!("{}/register{query}", browser::base(app))
    });
    let page = Login {
        client_name: client.map(|client| client.name.clone()),
        username: username.to_owned(),
        error: error.map(str::to_owned),
        csrf: visitor.form_token(app, "login"),
        authorization,
        register_url,
        base: browser::base(app),
    };
    html(app, &page, if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK })
}
