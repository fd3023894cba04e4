//! Discovery (OpenID Connect Discovery section 3, RFC 8414 section 2): exactly what is switched on.

use std::sync::{Arc, PoisonError, RwLock};

use barycenter_core::config::RegistrationMode;
use barycenter_core::model::{
    ClientAlgorithm, ClientAuthenticationMethod, GrantType, Prompt, ResponseMode, ResponseType, Scope,
    SigningAlgorithm, SubjectType,
};
use poem::http::header;
use poem::web::Data;
use poem::{IntoResponse, Response, handler};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::oidc::{claims, dpop};

/// How long a relying party may keep the document.
pub(super) const CACHE: &str = "public, max-age=3600";

/// `GET /.well-known/oauth-authorization-server/PATH` of a deployment whose issuer has a path.
#[handler]
pub(super) async fn by_rfc_8414(app: Data<&Arc<App>>) -> Response {
    let document = app.metadata.of(&app).to_string().with_content_type("application/json");
    document.with_header(header::CACHE_CONTROL, CACHE).into_response()
}

/// The provider's metadata as it was last told: what it says changes only with the algorithms that keys sign with.
#[derive(Default)]
pub(crate) struct Metadata(RwLock<Option<Told>>);

/// For these algorithms, this text.
type Told = (Vec<SigningAlgorithm>, Arc<str>);

impl Metadata {
    /// Returns the document, JSON.
    pub(super) fn of(&self, app: &App) -> Arc<str> {
        let algorithms = app.keyring.algorithms();
        let told = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, text)) = told.filter(|(known, _)| *known == algorithms) {
            return text;
        }
        let text: Arc<str> = document(app, &algorithms).to_string().into();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((algorithms, Arc::clone(&text)));
        text
    }
}

fn document(app: &App, algorithms: &[SigningAlgorithm]) -> Value {
    let issuer = app.config.server.public_base_url.as_str();
    let oidc = &app.config.oidc;
    let endpoint = |path: &str| format!("{issuer}{path}");
    let algorithms: Vec<&str> = algorithms.iter().map(|algorithm| algorithm.as_str()).collect();
    let mut document = Map::new();
    let mut add = |part: Value| {
        if let Value::Object(members) = part {
            document.extend(members);
        }
    };
    add(json!({
        "issuer": issuer,
        "authorization_endpoint": endpoint("/authorize"),
        "token_endpoint": endpoint("/token"),
        "userinfo_endpoint": endpoint("/userinfo"),
        "jwks_uri": endpoint("/.well-known/jwks.json"),
        "end_session_endpoint": endpoint("/logout"),
        "scopes_supported": Scope::ALL.map(Scope::as_str),
        "response_types_supported": oidc.response_types().iter().map(|one| one.as_str()).collect::<Vec<_>>(),
        "response_modes_supported": ResponseMode::ALL.map(ResponseMode::as_str),
        "subject_types_supported": SubjectType::ALL.map(SubjectType::as_str),
        "id_token_signing_alg_values_supported": algorithms,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": Prompt::ALL.map(Prompt::as_str),
        "display_values_supported": ["page", "popup", "touch"],
        "ui_locales_supported": ["en"],
        "acr_values_supported": ["1"],
        "claim_types_supported": ["normal"],
        "claims_supported": claims::supported(&app.config.oidc.property_claims),
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_uri_parameter_supported": oidc.request_uri,
        "require_request_uri_registration": oidc.request_uri,
        "request_object_signing_alg_values_supported": ClientAlgorithm::ASYMMETRIC.map(ClientAlgorithm::as_str),
        "pushed_authorization_request_endpoint": endpoint("/par"),
        "require_pushed_authorization_requests": oidc.require_pushed_authorization_requests,
        "userinfo_signing_alg_values_supported": algorithms,
        "introspection_signing_alg_values_supported": algorithms,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
    }));
    add(back_channel(app, endpoint));
    add(registration(app, endpoint));
    Value::Object(document)
}

/// What clients may do without a browser.
fn back_channel(app: &App, endpoint: impl Fn(&str) -> String) -> Value {
    let methods = ClientAuthenticationMethod::ALL.map(ClientAuthenticationMethod::as_str);
    let confidential: Vec<&str> = methods.iter().copied().filter(|method| *method != "none").collect();
    let algorithms = ClientAlgorithm::ALL.map(ClientAlgorithm::as_str);
    json!({
        "grant_types_supported": grants(app),
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint": endpoint("/introspect"),
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint": endpoint("/revoke"),
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "device_authorization_endpoint": endpoint("/device_authorization"),
        "dpop_signing_alg_values_supported": dpop::algorithms(),
    })
}

/// Registration, if it is switched on.
fn registration(app: &App, endpoint: impl Fn(&str) -> String) -> Value {
    match app.config.oidc.registration {
        RegistrationMode::Off => json!({}),
        RegistrationMode::Token | RegistrationMode::Open => {
            json!({ "registration_endpoint": endpoint("/connect/register") })
        }
    }
}

/// The grants that are switched on.
fn grants(app: &App) -> Vec<&'static str> {
    let implicit = app.config.oidc.response_types().iter().any(|one| *one != ResponseType::Code);
    let on = |grant: &GrantType| match grant {
        GrantType::TokenExchange => app.config.oidc.token_exchange,
        GrantType::Implicit => implicit,
        _ => true,
    };
    GrantType::ALL.into_iter().filter(on).map(GrantType::as_str).collect()
}
