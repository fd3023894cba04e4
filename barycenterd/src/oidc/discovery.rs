//! Discovery (OpenID Connect Discovery section 3, RFC 8414 section 2): exactly what is switched on.

use std::sync::Arc;

use barycenter_core::model::{GrantType, Scope};
use poem::http::header;
use poem::web::{Data, Json};
use poem::{IntoResponse, Response, handler};
use serde_json::{Value, json};

use crate::app::App;
use crate::oidc::claims;

/// How long a relying party may keep the document, in seconds.
pub(super) const MAX_AGE: u32 = 3600;

/// `GET /.well-known/oauth-authorization-server/PATH` of a deployment whose issuer has a path.
#[handler]
pub(super) async fn by_rfc_8414(app: Data<&Arc<App>>) -> Response {
    Json(document(&app)).with_header(header::CACHE_CONTROL, format!("public, max-age={MAX_AGE}")).into_response()
}

/// Returns the provider's metadata.
pub(super) fn document(app: &App) -> Value {
    let issuer = app.config.server.public_base_url.as_str();
    let endpoint = |path: &str| format!("{issuer}{path}");
    json!({
        "issuer": issuer,
        "authorization_endpoint": endpoint("/authorize"),
        "token_endpoint": endpoint("/token"),
        "userinfo_endpoint": endpoint("/userinfo"),
        "jwks_uri": endpoint("/.well-known/jwks.json"),
        "end_session_endpoint": endpoint("/logout"),
        "scopes_supported": Scope::ALL.map(Scope::as_str),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GrantType::DEFAULT.map(GrantType::as_str),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [app.keyring.algorithm().as_str()],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": ["1"],
        "claim_types_supported": ["normal"],
        "claims_supported": claims::supported(&app.config.oidc.property_claims),
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    })
}
