//! `/authorize` (OpenID Connect Core section 3.1.2): it alone decides what comes next.
//!
//! ```text
//!   start ──► request::parse ──► stored, Pending ──► step::next_step ──► take
//!                                                       ▲                │ Login, Consent: a page
//!                                    resume ────────────┘                │ IssueCode, Fail: a response
//! ```
//!
//! The request is stored once, bound to the browser that made it. A page carries only its handle and ends by sending
//! the browser to [`resume`].

mod request;
mod response;
mod step;

use std::sync::Arc;

use barycenter_core::model::authorization::CodeGrant;
use barycenter_core::model::{
    Authorization, AuthorizationId, AuthorizationRequest, AuthorizationState, Client, Session,
};
use barycenter_core::secret::Secret;
use poem::http::Uri;
use poem::web::Data;
use poem::{Request, Response, handler};

use crate::app::App;
use crate::browser::{self, Visitor, html_error};
use crate::oidc::authorize::request::Policy;
use crate::oidc::authorize::step::{Situation, Step, next_step};
use crate::oidc::error::{AuthorizeError, DisplayedError, ErrorCode, ProtocolError, RedirectedError};
use crate::oidc::parameters::{Parameters, as_query};

/// `GET /authorize`.
#[handler]
pub(crate) async fn start_by_query(app: Data<&Arc<App>>, request: &Request, uri: &Uri) -> Response {
    let parameters = Parameters::parse(uri.query().unwrap_or_default());
    let mut visitor = Visitor::of(&app, request);
    let response = start(&app, &mut visitor, &parameters).await;
    visitor.attach(answer(&app, response))
}

/// `POST /authorize`: sent on as GET, because browsers withhold our cookies from a form of another site but not from
/// a link (SameSite=Lax).
#[handler]
pub(crate) async fn start_by_form(app: Data<&Arc<App>>, body: String) -> Response {
    browser::see_other(&app, &format!("/authorize?{}", as_query(&body)))
}

/// `GET /authorize/resume?authorization=HANDLE`: where pages send the browser back to.
#[handler]
pub(crate) async fn resume(app: Data<&Arc<App>>, request: &Request, uri: &Uri) -> Response {
    let parameters = Parameters::parse(uri.query().unwrap_or_default());
    let visitor = Visitor::of(&app, request);
    let response = go_on(&app, &visitor, parameters.get("authorization")).await;
    visitor.attach(answer(&app, response))
}

/// Turns an error into a page or a redirect.
fn answer(app: &App, response: Result<Response, AuthorizeError>) -> Response {
    match response {
        Ok(response) => response,
        Err(AuthorizeError::Displayed(error)) => html_error(app, &error),
        Err(AuthorizeError::Redirected(error)) => response::error(&error, app.config.server.public_base_url.as_str()),
    }
}

/// Checks a request, stores it and takes the first step.
async fn start(app: &App, visitor: &mut Visitor, parameters: &Parameters) -> Result<Response, AuthorizeError> {
    let client_id = request::client_id(parameters)?;
    let unknown = || DisplayedError::bad_request("No application is registered under the client_id of this request.");
    let client = app.store.clients().by_id(&client_id).await?.ok_or_else(unknown)?;
    refuse_disabled(&client)?;
    let policy = Policy {
        issuer: app.config.server.public_base_url.as_str(),
        require_pkce: app.config.oidc.require_pkce,
        keyring: &app.keyring,
    };
    let request = request::parse(parameters, &client, &policy)?;
    let now = app.now();
    let handle = Secret::random();
    let authorization = Authorization {
        id: AuthorizationId::generate(now),
        handle: handle.digest(),
        browser: visitor.browser().digest(),
        request,
        state: AuthorizationState::Pending,
        signed_in_by: None,
        consented_by: None,
        created_at: now,
        expires_at: now.plus(app.config.oidc.authorization_lifetime.as_seconds()),
    };
    let session = visitor.session(app).await?;
    let step = decide(app, &authorization, &client, session.as_ref()).await?;
    // What fails without a page is not worth a row.
    if let Step::Fail(error) = step {
        return Err(redirected(&authorization.request, error));
    }
    app.store.authorizations().insert(&authorization).await?;
    visitor.keep_browser();
    take(app, &authorization, &handle, session.as_ref(), step).await
}

/// Nobody signs in to an application that its operators have switched off.
fn refuse_disabled(client: &Client) -> Result<(), DisplayedError> {
    if client.enabled {
        return Ok(());
    }
    Err(DisplayedError::bad_request("This application is switched off. Please ask whoever runs it."))
}

/// Takes the next step of a stored authorization.
async fn go_on(app: &App, visitor: &Visitor, handle: Option<&str>) -> Result<Response, AuthorizeError> {
    let (authorization, client, handle) = pending(app, visitor, handle).await?;
    let session = visitor.session(app).await?;
    let step = decide(app, &authorization, &client, session.as_ref()).await?;
    take(app, &authorization, &handle, session.as_ref(), step).await
}

/// Returns the pending authorization behind a handle, if this browser began it.
///
/// # Errors
/// A page that says so when there is none.
pub(crate) async fn pending(
    app: &App,
    visitor: &Visitor,
    handle: Option<&str>,
) -> Result<(Authorization, Client, Secret), DisplayedError> {
    let gone = || {
        DisplayedError::bad_request(
            "This sign-in has expired, was finished already, or was begun in another browser. Please go back to the application and start again.",
        )
    };
    let handle = Secret::new(handle.ok_or_else(gone)?);
    let authorization = app.store.authorizations().pending(&handle.digest(), app.now()).await?.ok_or_else(gone)?;
    if !visitor.is_browser(&authorization.browser) {
        return Err(gone());
    }
    let client = app.store.clients().by_id(&authorization.request.client_id).await?.ok_or_else(gone)?;
    refuse_disabled(&client)?;
    Ok((authorization, client, handle))
}

/// Looks up what the decision needs, and decides.
async fn decide(
    app: &App,
    authorization: &Authorization,
    client: &Client,
    session: Option<&Session>,
) -> Result<Step, DisplayedError> {
    let consent = match session {
        Some(session) => app.store.consents().of(&session.user_id, &client.id).await?,
        None => None,
    };
    Ok(next_step(&Situation { authorization, client, session, consent: consent.as_ref(), now: app.now() }))
}

/// Takes a step.
async fn take(
    app: &App,
    authorization: &Authorization,
    handle: &Secret,
    session: Option<&Session>,
    step: Step,
) -> Result<Response, AuthorizeError> {
    let page = |path: &str| Ok(browser::see_other(app, &format!("{path}?authorization={}", handle.expose())));
    match (step, session) {
        (Step::Consent, _) => page("/consent"),
        (Step::IssueCode, Some(session)) => issue_code(app, authorization, session).await,
        (Step::Login | Step::IssueCode, _) => page("/login"),
        (Step::Fail(error), _) => {
            app.store.authorizations().deny(&authorization.id).await?;
            Err(redirected(&authorization.request, error))
        }
    }
}

/// Takes the step Pending → CodeIssued and sends the code to the client.
async fn issue_code(app: &App, authorization: &Authorization, session: &Session) -> Result<Response, AuthorizeError> {
    let code = Secret::random();
    let grant = CodeGrant {
        code: code.digest(),
        expires_at: app.now().plus(app.config.oidc.authorization_code_lifetime.as_seconds()),
        user_id: session.user_id.clone(),
        session_id: session.id.clone(),
        authenticated_at: session.authenticated_at,
    };
    if !app.store.authorizations().issue_code(&authorization.id, &grant).await? {
        return Err(finished().into());
    }
    Ok(response::code(&authorization.request, &code, app.config.server.public_base_url.as_str()))
}

/// Ends an authorization because the End-User refused, and tells the client so.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn deny(app: &App, authorization: &Authorization) -> Result<Response, DisplayedError> {
    if !app.store.authorizations().deny(&authorization.id).await? {
        return Err(finished());
    }
    let error = ProtocolError::new(ErrorCode::AccessDenied, "the End-User refused");
    Ok(answer(app, Err(redirected(&authorization.request, error))))
}

fn finished() -> DisplayedError {
    DisplayedError::bad_request("This sign-in was finished already. Please go back to the application.")
}

fn redirected(request: &AuthorizationRequest, error: ProtocolError) -> AuthorizeError {
    let (redirect_uri, state) = (request.redirect_uri.clone(), request.state.clone());
    AuthorizeError::Redirected(Box::new(RedirectedError { redirect_uri, state, error }))
}
