//! The authorization response: back to the client through the browser, with `iss` (RFC 9207) and `state` as it came;
//! in the query, in the fragment, or as a form (OAuth 2.0 Form Post Response Mode).

use barycenter_core::model::{RegisteredRedirectUri, ResponseMode};
use poem::Response;
use poem::http::{StatusCode, header};
use url::form_urlencoded;

use crate::app::App;
use crate::browser::pages::{FormPost, Policy};
use crate::browser::{self, html_with};
use crate::oidc::error::RedirectedError;

/// What a response says: names and values.
pub(super) type Said = Vec<(&'static str, String)>;

/// Where a response goes, and how.
pub(super) struct Target<'a> {
    pub(super) redirect_uri: &'a RegisteredRedirectUri,
    pub(super) mode: ResponseMode,
    pub(super) state: Option<&'a str>,
}

/// Answers with what the request asked for.
pub(super) fn success(app: &App, target: &Target<'_>, said: Said) -> Response {
    send(app, target, said)
}

/// Answers with an error.
pub(super) fn error(app: &App, error: &RedirectedError) -> Response {
    let target = Target { redirect_uri: &error.redirect_uri, mode: error.mode, state: error.state.as_deref() };
    let said =
        vec![("error", error.error.code.as_str().to_owned()), ("error_description", error.error.description.clone())];
    send(app, &target, said)
}

fn send(app: &App, target: &Target<'_>, mut said: Said) -> Response {
    said.extend(target.state.map(|state| ("state", state.to_owned())));
    said.push(("iss", app.config.server.public_base_url.as_str().to_owned()));
    let uri = target.redirect_uri.as_str();
    match target.mode {
        ResponseMode::FormPost => form(app, uri, said),
        // The registered URI keeps its own query (RFC 6749 section 4.1.2); it never has a fragment.
        ResponseMode::Query => redirect(uri, if uri.contains('?') { '&' } else { '?' }, &said),
        ResponseMode::Fragment => redirect(uri, '#', &said),
    }
}

fn redirect(uri: &str, separator: char, said: &Said) -> Response {
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish();
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, format!("{uri}{separator}{encoded}"))
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::REFERRER_POLICY, "no-referrer")
        .finish()
}

/// The one page of ours that holds a script: it sends its form. Without JavaScript the person presses the button.
fn form(app: &App, action: &str, said: Said) -> Response {
    let fields = said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let page = FormPost { action: action.to_owned(), fields, base: browser::base(app) };
    html_with(app, &page, StatusCode::OK, &Policy { sends_its_form: true, ..Policy::default() })
}
