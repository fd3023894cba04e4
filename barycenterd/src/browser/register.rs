//! `/register`: a person makes their own account, where the operator permits it
//! (`server.allow_public_registration`).
//!
//! A name that exists, or that a users file manages, is not available; and an account made here belongs to nobody's
//! file until an operator adopts it by name. How many come from one address is limited, in the database for all replicas.

use std::sync::Arc;

use barycenter_core::model::{EmailAddress, Limit, Ownership, User, Username};
use barycenter_core::password;
use barycenter_core::secret::Secret;
use poem::http::{HeaderValue, StatusCode, Uri, header};
use poem::web::Data;
use poem::{Request, Response, handler};
use url::Url;

use crate::app::App;
use crate::browser::pages::Register;
use crate::browser::{self, Visitor, html, html_error, login};
use crate::client_address::take_turn;
use crate::oidc::{DisplayedError, Parameters, authorize};

/// How many accounts may be made from one address.
const ACCOUNTS: Limit = Limit { burst: 100, interval: 5 };

/// `GET /register`.
#[handler]
pub(crate) async fn show(app: Data<&Arc<App>>, request: &Request, uri: &Uri) -> Response {
    let parameters = Parameters::parse(uri.query().unwrap_or_default());
    let mut visitor = Visitor::of(&app, request);
    let response = match require_allowed(&app) {
        Ok(()) => page(&app, &mut visitor, &parameters, Vec::new()),
        Err(error) => html_error(&app, &error),
    };
    visitor.attach(response)
}

/// `POST /register`.
#[handler]
pub(crate) async fn submit(app: Data<&Arc<App>>, request: &Request, body: String) -> Response {
    let parameters = Parameters::parse(&body);
    let mut visitor = Visitor::of(&app, request);
    let allowed = require_allowed(&app).and_then(|()| visitor.require_own_form(&app, request, "register", &parameters));
    let response = match allowed {
        Ok(()) => register(&app, &mut visitor, &parameters).await,
        Err(error) => Err(error),
    };
    visitor.attach(response.unwrap_or_else(|error| html_error(&app, &error)))
}

fn require_allowed(app: &App) -> Result<(), DisplayedError> {
    if app.config.server.allow_public_registration {
        return Ok(());
    }
    let message = "New accounts are made by the operator of this service.".to_owned();
    Err(DisplayedError { status: StatusCode::NOT_FOUND, message, code: None })
}

/// What the form holds, if everything in it does.
struct Wanted {
    username: Username,
    email: Option<EmailAddress>,
    password: Secret,
}

/// Checks everything in the form at once.
fn check(parameters: &Parameters, minimum_length: usize, host: &str) -> Result<Wanted, Vec<String>> {
    let mut faults = Vec::new();
    let username = Username::parse(parameters.get("username").unwrap_or_default())
        .map_err(|error| faults.push(sentence(&error.to_string())))
        .ok();
    let email = parameters
        .get("email")
        .map(|text| EmailAddress::parse(text).map_err(|error| faults.push(sentence(&error.to_string()))).ok());
    let password = Secret::new(parameters.get("password").unwrap_or_default());
    let prepared = password::prepare(&password).map_err(|error| faults.push(sentence(&error.to_string()))).ok();
    if prepared.as_ref().is_some_and(|password| password.expose().chars().count() < minimum_length) {
        faults.push(format!("The password needs at least {minimum_length} characters."));
    }
    let [name, address] = ["username", "email"].map(|name| parameters.get(name).unwrap_or_default());
    if prepared.as_ref().is_some_and(|password| password::is_common(password, &[name, address, host])) {
        faults.push("The password is one that is tried first: common, repeated, or a name.".to_owned());
    }
    match (username, prepared) {
        (Some(username), Some(password)) if faults.is_empty() => {
            Ok(Wanted { username, email: email.flatten(), password })
        }
        _ => Err(faults),
    }
}

/// `the username is empty` → `The username is empty.`
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.map(|first| format!("{}{}.", first.collect::<String>(), letters.as_str())).unwrap_or_default()
}

/// Makes the account, signs its owner in and goes on.
async fn register(app: &App, visitor: &mut Visitor, parameters: &Parameters) -> Result<Response, DisplayedError> {
    let waiting = match parameters.get("authorization") {
        Some(handle) => Some(authorize::pending(app, visitor, Some(handle)).await?.0),
        None => None,
    };
    let address = Url::parse(app.config.server.public_base_url.as_str()).ok();
    let host = address.as_ref().and_then(Url::host_str).unwrap_or_default();
    let wanted = match check(parameters, app.config.passwords.minimum_length, host) {
        Ok(wanted) => wanted,
        Err(faults) => return Ok(page(app, visitor, parameters, faults)),
    };
    // Before the work: each account costs a hash, for which everybody else waits.
    if let Some(seconds) = take_turn(app, "account", visitor.address(), ACCOUNTS).await? {
        let text = format!("Too many accounts have been made from here. Please try again in {seconds} seconds.");
        let mut response = page(app, visitor, parameters, vec![text]);
        response.set_status(StatusCode::TOO_MANY_REQUESTS);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return Ok(response);
    }
    let hash = app.hasher.hash(&wanted.password).await.map_err(|error| DisplayedError::internal(&error))?;
    let now = app.now();
    let user = User {
        email: wanted.email,
        password: Some(hash),
        ownership: Ownership::SelfRegistered,
        ..User::new(wanted.username, now)
    };
    let transaction = app.store.write().await?;
    match transaction.users().insert(&user).await {
        Ok(()) => {}
        Err(error) if error.is_conflict() => {
            let fault = "This username or e-mail address is not available.".to_owned();
            return Ok(page(app, visitor, parameters, vec![fault]));
        }
        Err(error) => return Err(error.into()),
    }
    let session = visitor.begin_session(app, &transaction, &user).await?;
    if let Some(authorization) = &waiting {
        transaction.authorizations().record_sign_in(&authorization.id, &session.id).await?;
    }
    transaction.commit().await?;
    tracing::info!(user = %user.id, "registered");
    Ok(login::onward(app, parameters))
}

fn page(app: &App, visitor: &mut Visitor, parameters: &Parameters, errors: Vec<String>) -> Response {
    let text = |name: &str| parameters.get(name).unwrap_or_default().to_owned();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Register {
        username: text("username"),
        email: text("email"),
        errors,
        minimum_length: app.config.passwords.minimum_length,
        csrf: visitor.form_token(app, "register"),
        authorization: parameters.get("authorization").map(str::to_owned),
        base: browser::base(app),
    };
    html(app, &page, status)
}
