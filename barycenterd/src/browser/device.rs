//! `/device`: the End-User types the code that a device shows, sees who asks for what, and decides (RFC 8628 section
//! 3.3).
//!
//! The code is looked up only for somebody who is signed in, and ten wrong ones are all that anybody may type in an
//! hour (section 5.1). Who asks is always shown, also where the client needs no consent: the page may have been opened
//! by a link that somebody else has sent (section 5.4).

use std::sync::Arc;

use barycenter_core::model::device::{Approval, DeviceAuthorization, DeviceState, UserCode};
use barycenter_core::model::{Client, Limit, Scope, Session, User};
use poem::http::{StatusCode, Uri};
use poem::web::Data;
use poem::{Request, Response, handler};

use crate::app::App;
use crate::browser::pages::{About, DeviceCode, DeviceConsent, DeviceDone, Policy, scope_lines};
use crate::browser::{self, Visitor, html, html_error, html_with};
use crate::client_address::neighbourhood;
use crate::oidc::{DisplayedError, Parameters};

/// How many codes that do not exist somebody may type.
const GUESSES: Limit = Limit { burst: 10, interval: 3600 };

/// How many may come from one address, by whomever.
const GUESSES_FROM_ADDRESS: Limit = Limit { burst: 50, interval: 600 };

/// `GET /device`.
#[handler]
pub(crate) async fn show(app: Data<&Arc<App>>, request: &Request, uri: &Uri) -> Response {
    let parameters = Parameters::parse(uri.query().unwrap_or_default());
    let mut visitor = Visitor::of(&app, request);
    let typed = parameters.get("user_code").and_then(UserCode::parse).map(|code| code.shown()).unwrap_or_default();
    let response = enter(&app, &mut visitor, &typed, None);
    visitor.attach(response)
}

/// `POST /device`.
#[handler]
pub(crate) async fn submit(app: Data<&Arc<App>>, request: &Request, body: String) -> Response {
    let parameters = Parameters::parse(&body);
    let mut visitor = Visitor::of(&app, request);
    let response = proceed(&app, &mut visitor, request, &parameters).await;
    visitor.attach(response.unwrap_or_else(|error| html_error(&app, &error)))
}

/// Shows the field for the code.
fn enter(app: &App, visitor: &mut Visitor, typed: &str, error: Option<&str>) -> Response {
    let page = DeviceCode {
        user_code: typed.to_owned(),
        error: error.map(str::to_owned),
        csrf: visitor.form_token(app, "device"),
        base: browser::base(app),
    };
    html(app, &page, if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK })
}

/// Takes a code, or the decision about one.
async fn proceed(
    app: &App,
    visitor: &mut Visitor,
    request: &Request,
    parameters: &Parameters,
) -> Result<Response, DisplayedError> {
    let typed = parameters.get("user_code").unwrap_or_default();
    let code = UserCode::parse(typed);
    // However it was typed, it is shown again as the device shows it.
    let shown = code.as_ref().map_or_else(|| typed.to_owned(), UserCode::shown);
    let decision = parameters.get("decision");
    let to_login = || {
        let typed = code.as_ref().map(UserCode::shown).unwrap_or_default();
        browser::see_other(app, &format!("/login?user_code={typed}"))
    };
    let Some((session, user)) = visitor.signed_in(app).await? else {
        visitor.require_own_form(app, request, "device", parameters)?;
        return Ok(to_login());
    };
    let form = decision.map_or_else(|| "device".to_owned(), |_| form_name(&session, &shown));
    visitor.require_own_form(app, request, &form, parameters)?;
    if decision == Some("switch") {
        visitor.sign_out(app, &session).await?;
        return Ok(to_login());
    }
    let device = match look_up(app, visitor, &user, code.as_ref()).await? {
        Found::Device(device) => device,
        Found::Nothing => {
            let text = "There is no such code, or not any more. Please check what the device shows.";
            return Ok(enter(app, visitor, typed, Some(text)));
        }
        Found::TooMany => return Ok(too_many(app, "Too many codes that do not exist. Please try again later.")),
    };
    let client = app.store.clients().by_id(&device.client_id).await?.filter(|client| client.enabled);
    let client = client.ok_or_else(|| DisplayedError::bad_request("The application may not be used at the moment."))?;
    match decision {
        None => Ok(ask(app, visitor, (&*device, &shown), &client, (&session, &user))),
        Some("accept") => decide(app, &device, &client, (&session, &user), DeviceState::Approved).await,
        Some("deny") => decide(app, &device, &client, (&session, &user), DeviceState::Denied).await,
        Some(_) => Err(DisplayedError::bad_request("The form holds no decision.")),
    }
}

/// What a code leads to.
enum Found {
    Device(Box<DeviceAuthorization>),
    Nothing,
    /// Who asks has guessed too often.
    TooMany,
}

/// Looks a code up, and counts the guess if there is none. One guess at a time: many at once are still counted.
async fn look_up(app: &App, visitor: &Visitor, user: &User, code: Option<&UserCode>) -> Result<Found, DisplayedError> {
    let limits = [
        (format!("device code {}", user.id), GUESSES),
        (format!("device code from {}", neighbourhood(visitor.address())), GUESSES_FROM_ADDRESS),
    ];
    let transaction = app.store.write().await?;
    for (name, _) in &limits {
        transaction.lock(name).await?;
    }
    let names: Vec<&str> = limits.iter().map(|(name, _)| name.as_str()).collect();
    let owed = transaction.throttles().free_at(&names).await?;
    if limits.iter().any(|(name, limit)| limit.wait(owed.get(name).copied(), app.now()).is_some()) {
        return Ok(Found::TooMany);
    }
    if let Some(code) = code
        && let Some(device) = transaction.device_authorizations().pending(&code.digest(), app.now()).await?
    {
        return Ok(Found::Device(Box::new(device)));
    }
    for (name, limit) in &limits {
        transaction.throttles().charge(name, app.now(), limit.interval).await?;
    }
    transaction.commit().await?;
    Ok(Found::Nothing)
}

/// The form belongs to one session and to one code: nothing else has been shown.
fn form_name(session: &Session, user_code: &str) -> String {
    format!("device {} {user_code}", session.id)
}

fn too_many(app: &App, text: &str) -> Response {
    let error = DisplayedError { status: StatusCode::TOO_MANY_REQUESTS, message: text.to_owned(), code: None };
    html_error(app, &error)
}

/// Shows who asks for what.
fn ask(
    app: &App,
    visitor: &mut Visitor,
    (device, user_code): (&DeviceAuthorization, &str),
    client: &Client,
    (session, user): (&Session, &User),
) -> Response {
    let names: Vec<&str> = device.scopes.iter().map(Scope::as_str).collect();
    let about = About::of(client);
    let policy = Policy { picture: about.logo.clone(), ..Policy::default() };
    let page = DeviceConsent {
        client_name: client.name.clone(),
        about,
        username: user.username.to_string(),
        // Only its digest is stored: the page repeats what came with the request.
        user_code: user_code.to_owned(),
        scopes: scope_lines(&names),
        csrf: visitor.form_token(app, &form_name(session, user_code)),
        base: browser::base(app),
    };
    html_with(app, &page, StatusCode::OK, &policy)
}

/// Records the decision.
async fn decide(
    app: &App,
    device: &DeviceAuthorization,
    client: &Client,
    (session, user): (&Session, &User),
    state: DeviceState,
) -> Result<Response, DisplayedError> {
    if state == DeviceState::Approved && !client.admits(user.groups.iter().map(String::as_str)) {
        return Err(DisplayedError::forbidden("Your account may not use this application."));
    }
    let approval = Approval {
        user_id: user.id.clone(),
        session_id: session.id.clone(),
        authenticated_at: session.authenticated_at,
    };
    if !app.store.device_authorizations().decide(&device.id, state, &approval, app.now()).await? {
        return Err(DisplayedError::bad_request("The code has been used already, or has expired."));
    }
    let told = &client.metadata;
    let wants_to_know = told.backchannel_logout_uri.is_some() || told.frontchannel_logout_uri.is_some();
    if state == DeviceState::Approved && wants_to_know {
        app.store.logouts().take_part(&session.id, &client.id).await?;
    }
    tracing::info!(user = %user.id, client_id = %client.id, state = state.as_str(), "a device was decided about");
    let page = DeviceDone {
        client_name: client.name.clone(),
        approved: state == DeviceState::Approved,
        base: browser::base(app),
    };
    Ok(html(app, &page, StatusCode::OK))
}
