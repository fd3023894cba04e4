//! `/`: who is signed in here, and the way out.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::Data;
use poem::{Request, Response, handler};

use crate::app::App;
use crate::browser::pages::Home;
use crate::browser::{self, Visitor, html, html_error};

/// `GET /`.
#[handler]
pub(crate) async fn show(app: Data<&Arc<App>>, request: &Request) -> Response {
    let mut visitor = Visitor::of(&app, request);
    let signed_in = match visitor.signed_in(&app).await {
        Ok(signed_in) => signed_in,
        Err(error) => return html_error(&app, &error.into()),
    };
    let user = signed_in.map(|(_, user)| user);
    let page = Home {
        username: user.as_ref().map(|user| user.username.to_string()),
        email: user.and_then(|user| user.email).map(|email| email.to_string()),
        csrf: visitor.form_token(&app, "logout"),
        base: browser::base(&app),
        issuer: app.config.server.public_base_url.as_str().to_owned(),
    };
    visitor.attach(html(&app, &page, StatusCode::OK))
}
