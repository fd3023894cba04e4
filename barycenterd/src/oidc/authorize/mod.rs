//! `/authorize` (OpenID Connect Core section 3.1.2): it alone decides what comes next.
//!
//! ```text
//!   start ──► source::resolve ──► request::parse ──► stored, Pending ──► step::next_step ──► take
//!                                                                           ▲                │ Login, Consent: a page
//!                                                        resume ────────────┘                │ Issue, Fail: a response
//! ```
//!
//! The request is stored once, bound to the browser that made it. A page carries only its handle and ends by sending
//! the browser to [`resume`].

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod issue;
mod request;
mod request_object;
mod response;
mod source;
mod step;

use std::sync::Arc;

use barycenter_core::model::{
    Authorization, AuthorizationId, AuthorizationRequest, AuthorizationState, Client, Consent, Scopes, Session,
    Timestamp, User,
};
use barycenter_core::secret::Secret;
use poem::http::Uri;
use poem::web::Data;
use poem::{Request, Response, handler};

use crate::app::App;
use crate::browser::{self, Visitor, html_error};
use crate::oidc::authorize::step::{SignedIn, Situation, Step, next_step};
use crate::oidc::error::{AuthorizeError, DisplayedError, ErrorCode, ProtocolError, RedirectedError};
use crate::oidc::hint;
use crate::oidc::parameters::{Parameters, as_query};

use request::Policy;

pub(super) use request::Arrival;
pub(super) use source::{PUSHED, unfold};

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
        Err(AuthorizeError::Redirected(error)) => response::error(app, &error),
    }
}

/// Checks a request, stores it and takes the first step.
async fn start(app: &App, visitor: &mut Visitor, parameters: &Parameters) -> Result<Response, AuthorizeError> {
    let client_id = request::client_id(parameters)?;
    let unknown = || DisplayedError::bad_request("No application is registered under the client_id of this request.");
    let client = app.store.clients().by_id(&client_id).await?.ok_or_else(unknown)?;
    refuse_disabled(&client)?;
    let (parameters, arrival) = source::resolve(app, &client, parameters).await?;
    let request = check(app, &parameters, &client, arrival)?;
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
    let signed_in = visitor.signed_in(app).await?;
    let step = decide(app, &authorization, &client, signed_in.as_ref()).await?;
    // What fails without a page is not worth a row.
    if let Step::Fail(error) = step {
        return Err(redirected(&authorization.request, error));
    }
    app.store.authorizations().insert(&authorization).await?;
    visitor.keep_browser();
    take(app, (&authorization, &client, &handle), signed_in.as_ref(), step).await
}

/// Checks the parameters of a request, however they arrived.
///
/// # Errors
/// A page until it is known where errors may go; from then on an error for the client.
pub(super) fn check(
    app: &App,
    parameters: &Parameters,
    client: &Client,
    arrival: Arrival,
) -> Result<AuthorizationRequest, AuthorizeError> {
    let read_hint = |jwt: &str| hint::read(&app.keyring, app.config.server.public_base_url.as_str(), jwt);
    request::parse(parameters, client, &Policy { oidc: &app.config.oidc, read_hint: &read_hint, arrival })
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
    let signed_in = visitor.signed_in(app).await?;
    let step = decide(app, &authorization, &client, signed_in.as_ref()).await?;
    take(app, (&authorization, &client, &handle), signed_in.as_ref(), step).await
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
    signed_in: Option<&(Session, User)>,
) -> Result<Step, DisplayedError> {
    let consent = match signed_in {
        Some((_, user)) => consent(app, client, user).await?,
        None => None,
    };
    let subject = signed_in.map(|(_, user)| app.subjects.of(client, &user.id)).unwrap_or_default();
    Ok(next_step(&Situation {
        authorization,
        client,
        signed_in: signed_in.map(|(session, user)| SignedIn { session, user, subject: &subject }),
        consent: consent.as_ref(),
        property_claims: &app.config.oidc.property_claims,
        now: app.now(),
    }))
}

/// Returns what a user has granted to a client, as long as it is remembered.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn consent(app: &App, client: &Client, user: &User) -> Result<Option<Consent>, DisplayedError> {
    let consent = app.store.consents().of(&user.id, &client.id).await?;
    Ok(consent.filter(|consent| is_remembered(app, client, consent.granted_at)))
}

/// Returns whether what was granted then still counts.
pub(crate) fn is_remembered(app: &App, client: &Client, granted_at: Timestamp) -> bool {
    let lifetime = client.metadata.consent_lifetime.or(app.config.oidc.consent_lifetime);
    lifetime.is_none_or(|lifetime| app.now().since(granted_at) < lifetime.as_seconds())
}

/// Returns everything that an authorization needs the End-User's consent for.
pub(crate) fn wanted(app: &App, authorization: &Authorization, client: &Client) -> Scopes {
    step::wanted(authorization, client, &app.config.oidc.property_claims)
}

/// Takes a step.
async fn take(
    app: &App,
    (authorization, client, handle): (&Authorization, &Client, &Secret),
    signed_in: Option<&(Session, User)>,
    step: Step,
) -> Result<Response, AuthorizeError> {
    let page = |path: &str| Ok(browser::see_other(app, &format!("{path}?authorization={}", handle.expose())));
    match (step, signed_in) {
        (Step::Consent, _) => page("/consent"),
        (Step::Issue, Some((session, user))) => match issue::answer(app, authorization, client, session, user).await? {
            Some(response) => Ok(response),
            // Signed out, or the account taken away, since the decision.
            None => page("/login"),
        },
        (Step::Login | Step::Issue, _) => page("/login"),
        (Step::Fail(error), _) => {
            app.store.authorizations().deny(&authorization.id).await?;
            Err(redirected(&authorization.request, error))
        }
    }
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
    let (redirect_uri, mode, state) = (request.redirect_uri.clone(), request.response_mode, request.state.clone());
    AuthorizeError::Redirected(Box::new(RedirectedError { redirect_uri, mode, state, error }))
}
