//! `/logout` (OpenID Connect RP-Initiated Logout 1.0): ends the session of this browser.
//!
//! A relying party that shows an ID Token of the signed-in user is believed; anybody else has to ask the End-User on
//! a page. The browser is sent on only to an address that the ID Token's client has registered.

use std::sync::Arc;

use barycenter_core::model::{Client, ClientId, Session};
use barycenter_core::store::StoreError;
use poem::http::{StatusCode, Uri, header};
use poem::web::Data;
use poem::{Request, Response, handler};
use serde_json::Value;
use url::form_urlencoded;

use crate::app::App;
use crate::browser::pages::{LoggedOut, LogoutConfirm};
use crate::browser::{self, Visitor, html, html_error};
use crate::oidc::error::DisplayedError;
use crate::oidc::parameters::{Parameters, as_query};

/// The parameters that survive the question whether to log out.
const KEPT: [&str; 4] = ["id_token_hint", "post_logout_redirect_uri", "state", "client_id"];

/// `GET /logout`.
#[handler]
pub(super) async fn by_query(app: Data<&Arc<App>>, request: &Request, uri: &Uri) -> Response {
    let parameters = Parameters::parse(uri.query().unwrap_or_default());
    let mut visitor = Visitor::of(&app, request);
    let response = begin(&app, &mut visitor, &parameters).await;
    visitor.attach(response.unwrap_or_else(|error| html_error(&app, &error)))
}

/// `POST /logout`: our own page's answer; a relying party's form is sent on as GET, with which the browser shows our
/// cookies (SameSite=Lax).
#[handler]
pub(super) async fn by_form(app: Data<&Arc<App>>, request: &Request, body: String) -> Response {
    let parameters = Parameters::parse(&body);
    let mut visitor = Visitor::of(&app, request);
    if parameters.get("csrf").is_none() {
        return browser::see_other(&app, &format!("/logout?{}", as_query(&body)));
    }
    let response = match visitor.require_own_form(&app, request, "logout", &parameters) {
        Ok(()) => finish(&app, &mut visitor, &parameters).await,
        Err(error) => Err(error),
    };
    visitor.attach(response.unwrap_or_else(|error| html_error(&app, &error)))
}

/// What an `id_token_hint` proves.
struct Hint {
    subject: String,
    session: Option<String>,
    client: Client,
}

/// Reads a hint; one that we did not sign proves nothing.
async fn hint(app: &App, parameters: &Parameters) -> Result<Option<Hint>, StoreError> {
    let Some(claims) = parameters.get("id_token_hint").and_then(|hint| app.keyring.verify_signature(hint)) else {
        return Ok(None);
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let ours = text("iss").as_deref() == Some(app.config.server.public_base_url.as_str());
    let (Some(subject), Some(audience), true) = (text("sub"), text("aud"), ours) else { return Ok(None) };
    // A client_id beside the hint must be its audience (section 2).
    if parameters.get("client_id").is_some_and(|id| id != audience) {
        return Ok(None);
    }
    let client = app.store.clients().by_id(&ClientId::new(audience)).await?;
    Ok(client.map(|client| Hint { subject, session: text("sid"), client }))
}

/// Ends the session at once if the hint is the signed-in user's, else asks.
async fn begin(app: &App, visitor: &mut Visitor, parameters: &Parameters) -> Result<Response, DisplayedError> {
    if let Some(name) = parameters.ambiguous().next() {
        return Err(DisplayedError::bad_request(format!(
            "The request holds the parameter {name} more than once, or garbled."
        )));
    }
    let hint = hint(app, parameters).await?;
    let target = target(hint.as_ref(), parameters);
    let unsafe_target = parameters.get("post_logout_redirect_uri").is_some() && target.is_none();
    let Some(session) = visitor.session(app).await? else {
        if unsafe_target && hint.is_some() {
            return Err(unregistered());
        }
        return Ok(done(app, target));
    };
    // An ID Token of another session proves little: anybody may have kept it (section 2).
    let proved = hint.as_ref().is_some_and(|hint| {
        hint.subject == session.user_id.as_str() && hint.session.as_deref() == Some(session.id.as_str())
    });
    if proved && !unsafe_target {
        end(app, visitor, &session).await?;
        return Ok(done(app, target));
    }
    ask(app, visitor, &session, hint.as_ref(), parameters).await
}

/// Shows the question.
async fn ask(
    app: &App,
    visitor: &mut Visitor,
    session: &Session,
    hint: Option<&Hint>,
    parameters: &Parameters,
) -> Result<Response, DisplayedError> {
    let user = app.store.users().by_id(&session.user_id).await?;
    let fields = KEPT.iter().filter_map(|name| Some(((*name).to_owned(), parameters.get(name)?.to_owned()))).collect();
    let page = LogoutConfirm {
        username: user.map(|user| user.username.to_string()).unwrap_or_default(),
        client_name: hint.map(|hint| hint.client.name.clone()),
        csrf: visitor.form_token(app, "logout"),
        fields,
        base: browser::base(app),
    };
    Ok(html(app, &page, StatusCode::OK))
}

/// The End-User has answered the question.
async fn finish(app: &App, visitor: &mut Visitor, parameters: &Parameters) -> Result<Response, DisplayedError> {
    let hint = hint(app, parameters).await?;
    if let Some(session) = visitor.session(app).await? {
        end(app, visitor, &session).await?;
    }
    Ok(done(app, target(hint.as_ref(), parameters)))
}

/// Ends a session and the tokens that live with it.
async fn end(app: &App, visitor: &mut Visitor, session: &Session) -> Result<(), DisplayedError> {
    let transaction = app.store.write().await?;
    transaction.sessions().end(&session.id).await?;
    transaction.tokens().revoke_session(&session.user_id, &session.id).await?;
    transaction.commit().await?;
    visitor.forget_session();
    Ok(())
}

/// Where the browser may go: the address must be registered by the hint's client (section 3), with `state`.
fn target(hint: Option<&Hint>, parameters: &Parameters) -> Option<String> {
    let requested = parameters.get("post_logout_redirect_uri")?;
    hint.filter(|hint| hint.client.has_post_logout_redirect_uri(requested))?;
    let Some(state) = parameters.get("state") else { return Some(requested.to_owned()) };
    let separator = if requested.contains('?') { '&' } else { '?' };
    let state: String = form_urlencoded::byte_serialize(state.as_bytes()).collect();
    Some(format!("{requested}{separator}state={state}"))
}

fn unregistered() -> DisplayedError {
    DisplayedError::bad_request(
        "The application asked to go on to an address that it has not registered (post_logout_redirect_uri).",
    )
}

fn done(app: &App, target: Option<String>) -> Response {
    match target {
        Some(location) => Response::builder()
            .status(StatusCode::SEE_OTHER)
            .header(header::LOCATION, location)
            .header(header::CACHE_CONTROL, "no-store")
            .finish(),
        None => html(app, &LoggedOut { base: browser::base(app) }, StatusCode::OK),
    }
}
