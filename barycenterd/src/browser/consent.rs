//! `/consent`: the End-User decides what a client may know (OpenID Connect Core section 3.1.2.4).

use std::sync::Arc;

use barycenter_core::model::{Authorization, Client, Consent, Prompt, Scope, Scopes, Session, User};
use poem::http::{StatusCode, Uri};
use poem::web::Data;
use poem::{Request, Response, handler};
use url::Url;

use crate::app::App;
use crate::browser::pages::{About, Consent as ConsentPage, Policy, scope_lines};
use crate::browser::{self, Visitor, html_error, html_with, login};
use crate::oidc::{DisplayedError, Parameters, authorize};

/// `GET /consent`.
#[handler]
pub(crate) async fn show(app: Data<&Arc<App>>, request: &Request, uri: &Uri) -> Response {
    let parameters = Parameters::parse(uri.query().unwrap_or_default());
    let mut visitor = Visitor::of(&app, request);
    let response = ask(&app, &mut visitor, &parameters).await;
    visitor.attach(response.unwrap_or_else(|error| html_error(&app, &error)))
}

/// `POST /consent`.
#[handler]
pub(crate) async fn submit(app: Data<&Arc<App>>, request: &Request, body: String) -> Response {
    let parameters = Parameters::parse(&body);
    let mut visitor = Visitor::of(&app, request);
    let response = decide(&app, &mut visitor, request, &parameters).await;
    visitor.attach(response.unwrap_or_else(|error| html_error(&app, &error)))
}

/// Shows who asks for what. Whoever is not signed in any more goes back to the start.
async fn ask(app: &App, visitor: &mut Visitor, parameters: &Parameters) -> Result<Response, DisplayedError> {
    let (authorization, client, _) = authorize::pending(app, visitor, parameters.get("authorization")).await?;
    let Some((session, user)) = visitor.signed_in(app).await? else { return Ok(login::onward(app, parameters)) };
    let before = authorize::consent(app, &client, &user).await?.map(|consent| consent.scopes).unwrap_or_default();
    let asked = asked(app, &authorization, &client, &before);
    let about = About::of(&client);
    let address = Url::parse(authorization.request.redirect_uri.as_str()).ok();
    let names: Vec<&str> = asked.iter().map(Scope::as_str).collect();
    let policy = Policy { picture: about.logo.clone(), ..Policy::default() };
    let page = ConsentPage {
        client_host: address.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default(),
        about,
        adds: !before.covers(&asked) && !before.is_empty(),
        username: user.username.to_string(),
        scopes: scope_lines(&names),
        csrf: visitor.form_token(app, &form_name(&session)),
        authorization: parameters.get("authorization").unwrap_or_default().to_owned(),
        base: browser::base(app),
        client_name: client.name,
    };
    Ok(html_with(app, &page, StatusCode::OK, &policy))
}

/// What the page asks for: what has not been granted yet; everything, if the client wants to ask again.
fn asked(app: &App, authorization: &Authorization, client: &Client, before: &Scopes) -> Scopes {
    let wanted = authorize::wanted(app, authorization, client);
    if authorization.request.asks_for(Prompt::Consent) || before.covers(&wanted) {
        return wanted;
    }
    wanted.iter().filter(|scope| !before.contains(*scope)).collect()
}

/// The form belongs to one session: whoever signs in after it was shown has not been asked.
fn form_name(session: &Session) -> String {
    format!("consent {}", session.id)
}

/// Records the decision and goes on.
async fn decide(
    app: &App,
    visitor: &mut Visitor,
    request: &Request,
    parameters: &Parameters,
) -> Result<Response, DisplayedError> {
    let Some((session, user)) = visitor.signed_in(app).await? else { return Ok(login::onward(app, parameters)) };
    visitor.require_own_form(app, request, &form_name(&session), parameters)?;
    let (authorization, client, _) = authorize::pending(app, visitor, parameters.get("authorization")).await?;
    match parameters.get("decision") {
        Some("accept") => {
            accept(app, &authorization, &client, &user).await?;
            Ok(login::onward(app, parameters))
        }
        Some("deny") => authorize::deny(app, &authorization).await,
        Some("switch") => {
            visitor.sign_out(app, &session).await?;
            Ok(login::onward(app, parameters))
        }
        _ => Err(DisplayedError::bad_request("The form holds no decision.")),
    }
}

/// Adds what was granted to what the client had already, as long as that is remembered; what was granted before is not
/// remembered for longer because of it.
async fn accept(app: &App, authorization: &Authorization, client: &Client, user: &User) -> Result<(), DisplayedError> {
    let transaction = app.store.write().await?;
    let before = transaction.consents().of(&user.id, &client.id).await?;
    let before = before.filter(|consent| authorize::is_remembered(app, client, consent.granted_at));
    let wanted = authorize::wanted(app, authorization, client);
    let (now, earlier) = (app.now(), before.as_ref().map(|consent| consent.granted_at));
    let asked = asked(app, authorization, client, &before.as_ref().map(|one| one.scopes.clone()).unwrap_or_default());
    let scopes = before.map(|consent| consent.scopes).unwrap_or_default().union(&wanted);
    let granted_at = earlier.filter(|_| asked != scopes).unwrap_or(now);
    let consent = Consent { user_id: user.id.clone(), client_id: client.id.clone(), scopes, granted_at };
    transaction.consents().put(&consent).await?;
    transaction.authorizations().record_consent(&authorization.id, &user.id).await?;
    Ok(transaction.commit().await?)
}
