//! Pages for the End-User. They work without JavaScript; each ends by sending the browser back to `/authorize`, or
//! home.
//!
//! | path | method | file |
//! |---|---|---|
//! | `/` | GET | `home.rs` |
//! | `/login` | GET, POST | `login.rs` |
//! | `/consent` | GET, POST | `consent.rs` |
//! | `/device` | GET, POST | `device.rs` |
//! | `/register` | GET, POST | `register.rs` (if `server.allow_public_registration`) |
//! | `/assets/…` | GET | `assets.rs` |
//!
//! `visitor.rs` knows the browser: its cookies, its session, and whether a form came from one of our own pages;
//! `attempt.rs` limits how often a password may be tried.

pub mod assets;
mod attempt;
pub(crate) mod consent;
pub(crate) mod device;
pub(crate) mod home;
pub(crate) mod login;
pub mod pages;
pub(crate) mod register;
#[cfg(test)]
mod tests;
mod visitor;

use poem::http::{StatusCode, header};
use poem::{IntoResponse as _, Response};

use crate::app::App;
use crate::browser::pages::{ErrorPage, Page, Policy};
use crate::oidc::{DisplayedError, ErrorCode};

pub use crate::browser::attempt::UnderWay;

pub(crate) use crate::browser::visitor::Visitor;

/// Returns the path under which everything lies; empty for most deployments.
pub(crate) fn base(app: &App) -> String {
    app.config.server.public_base_url.path().to_owned()
}

/// Sends the browser to one of our own paths.
pub(crate) fn see_other(app: &App, path: &str) -> Response {
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, format!("{}{path}", base(app)))
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::REFERRER_POLICY, "no-referrer")
        .finish()
}

/// Shows a page.
pub(crate) fn html<P: Page>(app: &App, page: &P, status: StatusCode) -> Response {
    pages::html(page, &app.assets, status)
}

/// Shows a page that may load or run more than others.
pub(crate) fn html_with<P: Page>(app: &App, page: &P, status: StatusCode, policy: &Policy) -> Response {
    pages::html_with(page, &app.assets, status, policy)
}

/// Shows an error.
pub(crate) fn html_error(app: &App, error: &DisplayedError) -> Response {
    let title = match error.status {
        StatusCode::NOT_FOUND => "Page not found",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::SERVICE_UNAVAILABLE => "Not available at the moment",
        status if status.is_server_error() => "Something went wrong",
        _ => "This request cannot be completed",
    };
    let page = ErrorPage {
        title: title.to_owned(),
        message: error.message.clone(),
        detail: error.code.map(|code: ErrorCode| code.as_str().to_owned()),
        request_id: None,
        base: base(app),
    };
    let mut response = html(app, &page, error.status);
    if error.status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
    }
    response
}

/// What the framework itself refuses (no such path, wrong method, a body that is no text) stays plain: no page of
/// ours was asked for.
pub(crate) async fn error_page(error: poem::Error) -> Response {
    let status = error.status();
    let text = format!("{} {}\n", status.as_u16(), status.canonical_reason().unwrap_or_default());
    text.with_status(status).with_header(header::CACHE_CONTROL, "no-store").into_response()
}
