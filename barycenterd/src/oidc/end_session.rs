//! `/logout` (OpenID Connect RP-Initiated Logout 1.0): ends the session of this browser.
//!
//! A relying party that shows an ID Token of the signed-in user is believed; anybody else has to ask the End-User on
//! a page. The browser is sent on only to an address that the ID Token's client has registered.
//!
//! The other clients of the session hear of it from server to server (`backchannel_logout.rs`), and through the browser:
//! the page that says "signed out" loads their logout pages (OpenID Connect Front-Channel Logout 1.0 section 2).

use std::sync::Arc;

use barycenter_core::model::{Client, ClientId, Session};
use barycenter_core::store::StoreError;
use poem::http::{HeaderValue, StatusCode, Uri, header};
use poem::web::Data;
use poem::{Request, Response, handler};
use url::{Url, form_urlencoded};

use crate::app::App;
use crate::browser::pages::{LoggedOut, LogoutConfirm, Policy};
use crate::browser::{self, Visitor, html, html_error, html_with};
use crate::oidc::error::DisplayedError;
use crate::oidc::hint;
use crate::oidc::parameters::{Parameters, as_query};

/// How long the logout pages of clients may take to load before the browser goes on, in seconds.
const FRAME_SECONDS: u32 = 2;

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

/// Where the browser goes afterwards, and whose address that is.
struct Target {
    address: String,
    client_name: String,
}

/// Reads a hint; one that we did not sign proves nothing.
async fn hint(app: &App, parameters: &Parameters) -> Result<Option<Hint>, StoreError> {
    let issuer = app.config.server.public_base_url.as_str();
    let Some(hint) = parameters.get("id_token_hint").and_then(|jwt| hint::read(&app.keyring, issuer, jwt)) else {
        return Ok(None);
    };
    // A client_id beside the hint must be its audience (section 2).
    if parameters.get("client_id").is_some_and(|id| id != hint.audience) {
        return Ok(None);
    }
    let client = app.store.clients().by_id(&ClientId::new(hint.audience)).await?;
    Ok(client.map(|client| Hint { subject: hint.subject, session: hint.session, client }))
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
        return Ok(done(app, target, Vec::new()));
    };
    // An ID Token of another session proves little: anybody may have kept it (section 2).
    let proved = hint.as_ref().is_some_and(|hint| {
        hint.subject == app.subjects.of(&hint.client, &session.user_id)
            && hint.session.as_deref() == Some(session.id.as_str())
    });
    if proved && !unsafe_target {
        let frames = end(app, visitor, &session).await?;
        return Ok(done(app, target, frames));
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
    let frames = match visitor.session(app).await? {
        Some(session) => end(app, visitor, &session).await?,
        None => Vec::new(),
    };
    Ok(done(app, target(hint.as_ref(), parameters), frames))
}

/// Ends a session and the tokens that live with it; returns the pages of clients that must be loaded now.
async fn end(app: &App, visitor: &mut Visitor, session: &Session) -> Result<Vec<String>, DisplayedError> {
    let transaction = app.store.write().await?;
    let participants = transaction.logouts().participants(&session.id).await?;
    let ids: Vec<&str> = participants.iter().map(ClientId::as_str).collect();
    let clients = transaction.clients().by_ids(&ids).await?;
    transaction.sessions().end(&session.id).await?;
    transaction.tokens().revoke_session(&session.user_id, &session.id).await?;
    transaction.commit().await?;
    app.logouts.notify_one();
    visitor.forget_session();
    let issuer = app.config.server.public_base_url.as_str();
    Ok(clients.iter().filter_map(|client| frame(client, issuer, session)).collect())
}

/// The page of a client that ends its session when it is loaded: it is told whose, and where (section 3).
fn frame(client: &Client, issuer: &str, session: &Session) -> Option<String> {
    let mut address = Url::parse(client.metadata.frontchannel_logout_uri.as_ref()?).ok()?;
    if !matches!(address.scheme(), "https" | "http") {
        return None;
    }
    address.query_pairs_mut().append_pair("iss", issuer).append_pair("sid", session.id.as_str());
    Some(address.into())
}

/// Where the browser may go: the address must be registered by the hint's client (section 3), with `state`.
fn target(hint: Option<&Hint>, parameters: &Parameters) -> Option<Target> {
    let requested = parameters.get("post_logout_redirect_uri")?;
    let hint = hint.filter(|hint| hint.client.has_post_logout_redirect_uri(requested))?;
    let client_name = hint.client.name.clone();
    let Some(state) = parameters.get("state") else {
        return Some(Target { address: requested.to_owned(), client_name });
    };
    let separator = if requested.contains('?') { '&' } else { '?' };
    let state: String = form_urlencoded::byte_serialize(state.as_bytes()).collect();
    Some(Target { address: format!("{requested}{separator}state={state}"), client_name })
}

fn unregistered() -> DisplayedError {
    DisplayedError::bad_request(
        "The application asked to go on to an address that it has not registered (post_logout_redirect_uri).",
    )
}

/// Sends the browser on, or says that it is done. Where pages of clients must be loaded first, it goes on by itself when
/// they have had their time.
fn done(app: &App, target: Option<Target>, frames: Vec<String>) -> Response {
    match target {
        Some(target) if frames.is_empty() => Response::builder()
            .status(StatusCode::SEE_OTHER)
            .header(header::LOCATION, target.address)
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::REFERRER_POLICY, "no-referrer")
            .finish(),
        target => {
            let refresh = target.as_ref().map(|target| format!("{FRAME_SECONDS}; url={}", target.address));
            let policy = Policy { frames: frames.clone(), ..Policy::default() };
            let onward = target.map(|target| (target.address, target.client_name));
            let page = LoggedOut { frames, onward, base: browser::base(app) };
            let mut response = html_with(app, &page, StatusCode::OK, &policy);
            if let Some(refresh) = refresh.and_then(|text| HeaderValue::from_str(&text).ok()) {
                response.headers_mut().insert(header::REFRESH, refresh);
            }
            response
        }
    }
}
