//! The endpoints that machines call, as poem-openapi describes them: schema/openapi.json comes from here.
//!
//! This file is framework only: it extracts, calls the endpoint's own file, and puts the answer into the status and
//! headers that the RFCs ask for.

use std::sync::Arc;

use poem::http::{HeaderValue, Method, header};
use poem::web::Data;
use poem::{Endpoint, EndpointExt as _, IntoEndpoint as _, PathPattern, Request, Response};
use poem_openapi::param::Header;
use poem_openapi::payload::{Form, Json, PlainText};
use poem_openapi::{ApiResponse, Object, OpenApi, OpenApiService};
use serde_json::Value;

use crate::app::App;
use crate::oidc::access_token::{Presented, Refusal};
use crate::oidc::back_channel::{self, BackChannelApi};
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::token::{TokenForm, TokenHeaders, TokenSet};
use crate::oidc::userinfo::{UserInfo, UserInfoForm};
use crate::oidc::{discovery, dpop, jwks, token, userinfo};

/// The answer of the token endpoint must not be kept (RFC 6749 section 5.1).
pub(super) const NO_STORE: &str = "no-store";

/// The challenge of an endpoint that clients authenticate at.
pub(super) const BASIC: &str = "Basic realm=\"barycenter\"";

/// Where the endpoints lie.
pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    let own = [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/jwks.json",
        "/token",
        "/userinfo",
    ];
    own.into_iter().chain(back_channel::PATHS)
}

/// Returns the endpoints, to be served.
pub(super) fn service(app: &Arc<App>) -> impl Endpoint<Output = Response> + use<> {
    let service = api().server(app.config.server.public_base_url.as_str()).into_endpoint();
    service
        .before(async |mut request: Request| {
            // A POST without a body has no content type; it counts as an empty form.
            if *request.method() == Method::POST && request.content_type().is_none() {
                let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                request.headers_mut().insert(header::CONTENT_TYPE, form);
            }
            Ok(request)
        })
        .map_to_response()
        // The route that led here is the one that is measured, not the one within.
        .after(async |answer: poem::Result<Response>| {
            answer.map(|mut response| {
                response.extensions_mut().remove::<PathPattern>();
                response
            })
        })
}

/// Returns the OpenAPI description of the machine endpoints, JSON.
#[must_use]
pub fn openapi_spec() -> String {
    api().spec()
}

fn api() -> OpenApiService<(MachineApi, BackChannelApi), ()> {
    OpenApiService::new((MachineApi, BackChannelApi), "Barycenter", env!("CARGO_PKG_VERSION"))
        .description("The OpenID Connect endpoints that relying parties call. Discovery names them all.")
}

/// An error (RFC 6749 section 5.2).
#[derive(Debug, Object)]
pub(super) struct ErrorBody {
    /// The error code.
    error: String,
    /// What went wrong, for developers.
    error_description: String,
}

impl From<&ProtocolError> for ErrorBody {
    fn from(error: &ProtocolError) -> Self {
        Self { error: error.code.as_str().to_owned(), error_description: error.description.clone() }
    }
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "bad_token_request")]
enum TokenResponse {
    /// The tokens.
    #[oai(status = 200)]
    Issued(Json<TokenSet>, #[oai(header = "Cache-Control")] String, #[oai(header = "Pragma")] String),
    /// The request or the grant does not do.
    #[oai(status = 400)]
    Refused(Json<ErrorBody>, #[oai(header = "Cache-Control")] String, #[oai(header = "Pragma")] String),
    /// The client did not prove who it is.
    #[oai(status = 401)]
    Unauthorized(
        Json<ErrorBody>,
        #[oai(header = "Cache-Control")] String,
        #[oai(header = "Pragma")] String,
        #[oai(header = "WWW-Authenticate")] Option<String>,
    ),
    /// A fault on our side.
    #[oai(status = 500)]
    Failed(Json<ErrorBody>),
    /// Try again later.
    #[oai(status = 503)]
    Unavailable(Json<ErrorBody>, #[oai(header = "Retry-After")] u32),
}

impl TokenResponse {
    fn refused(error: &ProtocolError, by_header: bool) -> Self {
        let (body, no_store, no_cache) = (Json(ErrorBody::from(error)), NO_STORE.to_owned(), "no-cache".to_owned());
        match error.code {
            // The challenge names the scheme that the client used (RFC 6749 section 5.2).
            ErrorCode::InvalidClient => {
                let challenge = by_header.then(|| BASIC.to_owned());
                Self::Unauthorized(body, no_store, no_cache, challenge)
            }
            ErrorCode::ServerError => Self::Failed(body),
            ErrorCode::TemporarilyUnavailable => Self::Unavailable(body, 5),
            _ => Self::Refused(body, no_store, no_cache),
        }
    }
}

/// A form that is not one, or that names a parameter twice (RFC 6749 section 3.2).
fn bad_token_request(error: poem::Error) -> TokenResponse {
    TokenResponse::refused(&bad_form(&error), false)
}

pub(super) fn bad_form(error: &poem::Error) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidRequest, format!("the body is not a form with each parameter once: {error}"))
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "bad_userinfo_request")]
enum UserInfoResponse {
    /// Claims about the user.
    #[oai(status = 200)]
    Claims(Json<Value>, #[oai(header = "Cache-Control")] String),
    /// The same, signed: the client is registered for that.
    #[oai(status = 200, content_type = "application/jwt")]
    Signed(PlainText<String>, #[oai(header = "Cache-Control")] String),
    /// The request is not one.
    #[oai(status = 400)]
    BadRequest(Json<ErrorBody>, #[oai(header = "WWW-Authenticate")] String),
    /// There is no token that does.
    #[oai(status = 401)]
    Unauthorized(PlainText<String>, #[oai(header = "WWW-Authenticate")] String),
    /// The token does not permit this.
    #[oai(status = 403)]
    Forbidden(Json<ErrorBody>, #[oai(header = "WWW-Authenticate")] String),
    /// A fault on our side.
    #[oai(status = 500)]
    Failed(Json<ErrorBody>),
    /// Try again later.
    #[oai(status = 503)]
    Unavailable(Json<ErrorBody>, #[oai(header = "Retry-After")] u32),
}

impl UserInfoResponse {
    fn of(answer: Result<UserInfo, Refusal>) -> Self {
        let error = match answer {
            Ok(UserInfo::Plain(claims)) => return Self::Claims(Json(claims), NO_STORE.to_owned()),
            Ok(UserInfo::Signed(jwt)) => return Self::Signed(PlainText(jwt), NO_STORE.to_owned()),
            Err(Refusal::NoToken) => {
                let challenge = format!("Bearer realm=\"barycenter\", {}", dpop_challenge("Bearer"));
                return Self::Unauthorized(PlainText(String::new()), challenge);
            }
            Err(Refusal::Error(error)) => error,
        };
        let body = ErrorBody::from(&error);
        let scheme = if error.code == ErrorCode::InvalidDpopProof { "DPoP" } else { "Bearer" };
        let challenge = format!(
            "{scheme} realm=\"barycenter\", error=\"{}\", error_description=\"{}\", {}",
            body.error,
            body.error_description,
            dpop_challenge(scheme),
        );
        match error.code {
            ErrorCode::InvalidToken | ErrorCode::InvalidDpopProof => {
                Self::Unauthorized(PlainText(String::new()), challenge)
            }
            ErrorCode::InsufficientScope => Self::Forbidden(Json(body), challenge),
            ErrorCode::ServerError => Self::Failed(Json(body)),
            ErrorCode::TemporarilyUnavailable => Self::Unavailable(Json(body), 5),
            _ => Self::BadRequest(Json(body), challenge),
        }
    }
}

/// Says that access tokens may also come by DPoP (RFC 9449 section 7.1), and with which algorithms.
fn dpop_challenge(scheme: &str) -> String {
    let algorithms = format!("algs=\"{}\"", dpop::algorithms().join(" "));
    if scheme == "DPoP" { algorithms } else { format!("DPoP {algorithms}") }
}

fn bad_userinfo_request(error: poem::Error) -> UserInfoResponse {
    UserInfoResponse::of(Err(Refusal::Error(bad_form(&error))))
}

#[derive(ApiResponse)]
enum JwksResponse {
    /// The JWK Set (RFC 7517).
    #[oai(status = 200, content_type = "application/jwk-set+json")]
    Keys(PlainText<String>, #[oai(header = "Cache-Control")] String, #[oai(header = "ETag")] String),
    /// The caller has them already.
    #[oai(status = 304)]
    NotModified(#[oai(header = "Cache-Control")] String, #[oai(header = "ETag")] String),
}

#[derive(ApiResponse)]
enum MetadataResponse {
    /// The provider's metadata.
    #[oai(status = 200, content_type = "application/json")]
    Document(PlainText<String>, #[oai(header = "Cache-Control")] String),
}

fn metadata(app: &App) -> MetadataResponse {
    MetadataResponse::Document(PlainText(app.metadata.of(app).to_string()), discovery::CACHE.to_owned())
}

/// Returns a request's `DPoP` headers; one that is no text is no proof.
fn proofs(request: &Request) -> Vec<&str> {
    request.headers().get_all("DPoP").iter().map(|value| value.to_str().unwrap_or_default()).collect()
}

/// Returns where a request to UserInfo carries its access token.
fn presented<'a>(request: &'a Request, form: &'a UserInfoForm) -> Presented<'a> {
    Presented {
        authorization: authorization(request),
        form: form.access_token.as_deref(),
        proofs: proofs(request),
        method: request.method().as_str(),
        path: "/userinfo",
    }
}

/// Returns a request's `Authorization` header, as far as it is text.
pub(super) fn authorization(request: &Request) -> Option<&str> {
    request.headers().get(header::AUTHORIZATION)?.to_str().ok()
}

struct MachineApi;

#[OpenApi]
impl MachineApi {
    /// Provider metadata (OpenID Connect Discovery 4).
    #[oai(path = "/.well-known/openid-configuration", method = "get")]
    async fn openid_configuration(&self, app: Data<&Arc<App>>) -> MetadataResponse {
        metadata(&app)
    }

    /// Provider metadata (RFC 8414).
    #[oai(path = "/.well-known/oauth-authorization-server", method = "get")]
    async fn authorization_server(&self, app: Data<&Arc<App>>) -> MetadataResponse {
        metadata(&app)
    }

    /// The keys that tokens are verified with (RFC 7517).
    #[oai(path = "/.well-known/jwks.json", method = "get")]
    async fn jwks(
        &self,
        app: Data<&Arc<App>>,
        #[oai(name = "If-None-Match")] if_none_match: Header<Option<String>>,
    ) -> JwksResponse {
        let published = app.keyring.published();
        let cache = jwks::cache_control(&app);
        if jwks::is_current(if_none_match.0.as_deref(), &published.etag) {
            return JwksResponse::NotModified(cache, published.etag.clone());
        }
        JwksResponse::Keys(PlainText(published.json.clone()), cache, published.etag.clone())
    }

    /// Tokens for a grant (RFC 6749 3.2).
    #[oai(path = "/token", method = "post")]
    async fn token(&self, app: Data<&Arc<App>>, request: &Request, form: Form<TokenForm>) -> TokenResponse {
        let headers = TokenHeaders { authorization: authorization(request), proofs: proofs(request) };
        let answer = token::answer(&app, &headers, &form).await;
        let result = answer.as_ref().map_or_else(|error| error.code.as_str(), |_| "issued");
        app.metrics.oidc.token_request(form.grant_type.as_deref(), result);
        match answer {
            Ok(tokens) => TokenResponse::Issued(Json(tokens), NO_STORE.to_owned(), "no-cache".to_owned()),
            Err(error) => TokenResponse::refused(&error, headers.authorization.is_some()),
        }
    }

    /// Claims about the user of an access token (OpenID Connect Core 5.3).
    #[oai(path = "/userinfo", method = "get")]
    async fn userinfo(&self, app: Data<&Arc<App>>, request: &Request) -> UserInfoResponse {
        UserInfoResponse::of(userinfo::answer(&app, &presented(request, &UserInfoForm::default())).await)
    }

    /// The same; the token may also be in the form (RFC 6750 2.2).
    #[oai(path = "/userinfo", method = "post")]
    async fn userinfo_by_form(
        &self,
        app: Data<&Arc<App>>,
        request: &Request,
        form: Form<UserInfoForm>,
    ) -> UserInfoResponse {
        UserInfoResponse::of(userinfo::answer(&app, &presented(request, &form)).await)
    }
}
