//! The endpoints that clients call besides the token endpoint, as poem-openapi describes them: introspection,
//! revocation, device authorization, registration.
//!
//! As [`super::machine`], this file is framework only.

use std::sync::Arc;

use poem::Request;
use poem::http::header;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::{Form, Json, PlainText};
use poem_openapi::types::{ParseFromJSON, ToJSON};
use poem_openapi::{ApiResponse, OpenApi};
use serde_json::{Value, json};

use crate::app::App;
use crate::client_address::client_address;
use crate::oidc::device_authorization::{self, DeviceCodes, DeviceForm};
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::introspection::{self, Introspection, TokenQuery};
use crate::oidc::machine::{BASIC, ErrorBody, NO_STORE, authorization, bad_form};
use crate::oidc::registration::{self, Refusal};
use crate::oidc::revocation;

/// Where the endpoints lie.
pub(super) const PATHS: [&str; 5] =
    ["/introspect", "/revoke", "/device_authorization", "/connect/register", "/connect/register/:client_id"];

/// The answer of an endpoint that clients authenticate at.
#[derive(ApiResponse)]
#[oai(bad_request_handler = "bad_request")]
enum Answered<T: ParseFromJSON + ToJSON> {
    /// What was asked for.
    #[oai(status = 200)]
    Done(Json<T>, #[oai(header = "Cache-Control")] String),
    /// The request does not do.
    #[oai(status = 400)]
    Refused(Json<ErrorBody>, #[oai(header = "Cache-Control")] String),
    /// The client did not prove who it is.
    #[oai(status = 401)]
    Unauthorized(
        Json<ErrorBody>,
        #[oai(header = "Cache-Control")] String,
        #[oai(header = "WWW-Authenticate")] Option<String>,
    ),
    /// Too many have come from this address.
    #[oai(status = 429)]
    TooMany(Json<ErrorBody>, #[oai(header = "Retry-After")] i64),
    /// A fault on our side.
    #[oai(status = 500)]
    Failed(Json<ErrorBody>),
    /// Try again later.
    #[oai(status = 503)]
    Unavailable(Json<ErrorBody>, #[oai(header = "Retry-After")] u32),
}

impl<T: ParseFromJSON + ToJSON> Answered<T> {
    fn of(answer: Result<T, ProtocolError>, authorization: Option<&str>) -> Self {
        let error = match answer {
            Ok(body) => return Self::Done(Json(body), NO_STORE.to_owned()),
            Err(error) => error,
        };
        let body = Json(ErrorBody::from(&error));
        if let Some(seconds) = error.wait {
            return Self::TooMany(body, seconds);
        }
        match error.code {
            ErrorCode::InvalidClient => {
                Self::Unauthorized(body, NO_STORE.to_owned(), authorization.map(|_| BASIC.to_owned()))
            }
            ErrorCode::ServerError => Self::Failed(body),
            ErrorCode::TemporarilyUnavailable => Self::Unavailable(body, 5),
            _ => Self::Refused(body, NO_STORE.to_owned()),
        }
    }
}

/// A form that is not one, or that names a parameter twice.
fn bad_request<T: ParseFromJSON + ToJSON>(error: poem::Error) -> Answered<T> {
    Answered::of(Err(bad_form(&error)), None)
}

/// The answer to an introspection request.
#[derive(ApiResponse)]
#[oai(bad_request_handler = "bad_introspection")]
enum IntrospectionResponse {
    /// What the token permits.
    #[oai(status = 200)]
    Plain(Json<Value>, #[oai(header = "Cache-Control")] String),
    /// The same as a JWT, for those who ask for it (RFC 9701).
    #[oai(status = 200, content_type = "application/token-introspection+jwt")]
    Signed(PlainText<String>, #[oai(header = "Cache-Control")] String),
    /// The request does not do.
    #[oai(status = 400)]
    Refused(Json<ErrorBody>, #[oai(header = "Cache-Control")] String),
    /// The client did not prove who it is.
    #[oai(status = 401)]
    Unauthorized(
        Json<ErrorBody>,
        #[oai(header = "Cache-Control")] String,
        #[oai(header = "WWW-Authenticate")] Option<String>,
    ),
    /// A fault on our side.
    #[oai(status = 500)]
    Failed(Json<ErrorBody>),
    /// Try again later.
    #[oai(status = 503)]
    Unavailable(Json<ErrorBody>, #[oai(header = "Retry-After")] u32),
}

impl IntrospectionResponse {
    fn of(answer: Result<Introspection, ProtocolError>, authorization: Option<&str>) -> Self {
        let error = match answer {
            Ok(Introspection::Plain(body)) => return Self::Plain(Json(body), NO_STORE.to_owned()),
            Ok(Introspection::Signed(jwt)) => return Self::Signed(PlainText(jwt), NO_STORE.to_owned()),
            Err(error) => error,
        };
        let body = Json(ErrorBody::from(&error));
        match error.code {
            ErrorCode::InvalidClient => {
                Self::Unauthorized(body, NO_STORE.to_owned(), authorization.map(|_| BASIC.to_owned()))
            }
            ErrorCode::ServerError => Self::Failed(body),
            ErrorCode::TemporarilyUnavailable => Self::Unavailable(body, 5),
            _ => Self::Refused(body, NO_STORE.to_owned()),
        }
    }
}

fn bad_introspection(error: poem::Error) -> IntrospectionResponse {
    IntrospectionResponse::of(Err(bad_form(&error)), None)
}

/// Returns the media types that a request would like, without their parameters.
fn accepted(request: &Request) -> Vec<&str> {
    let lines = request.headers().get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let kinds = lines.flat_map(|line| line.split(','));
    kinds.filter_map(|kind| kind.split(';').next()).map(str::trim).collect()
}

/// The answer to a registration.
#[derive(ApiResponse)]
#[oai(bad_request_handler = "bad_registration")]
enum RegistrationResponse {
    /// The client has been registered.
    #[oai(status = 201)]
    Created(Json<Value>, #[oai(header = "Cache-Control")] String, #[oai(header = "Pragma")] String),
    /// The registration as it is now.
    #[oai(status = 200)]
    Shown(Json<Value>, #[oai(header = "Cache-Control")] String, #[oai(header = "Pragma")] String),
    /// The registration is gone.
    #[oai(status = 204)]
    Deleted,
    /// The metadata does not do.
    #[oai(status = 400)]
    Refused(Json<ErrorBody>, #[oai(header = "Cache-Control")] String),
    /// The token does not permit this.
    #[oai(status = 401)]
    Unauthorized(Json<ErrorBody>, #[oai(header = "WWW-Authenticate")] String),
    /// Clients cannot register here.
    #[oai(status = 404)]
    Off,
    /// Too many have come from this address.
    #[oai(status = 429)]
    TooMany(Json<ErrorBody>, #[oai(header = "Retry-After")] i64),
    /// A fault on our side.
    #[oai(status = 500)]
    Failed(Json<ErrorBody>),
    /// Try again later.
    #[oai(status = 503)]
    Unavailable(Json<ErrorBody>, #[oai(header = "Retry-After")] u32),
}

impl RegistrationResponse {
    fn refused(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Off => Self::Off,
            Refusal::TooMany(seconds) => {
                Self::TooMany(Json(ErrorBody::from(&ProtocolError::too_many(*seconds))), *seconds)
            }
            Refusal::Unauthorized(error) => {
                let challenge = format!(
                    "Bearer realm=\"barycenter\", error=\"{}\", error_description=\"{}\"",
                    error.code.as_str(),
                    error.description
                );
                Self::Unauthorized(Json(ErrorBody::from(error)), challenge)
            }
            Refusal::Error(error) => {
                let body = Json(ErrorBody::from(error));
                match error.code {
                    ErrorCode::ServerError => Self::Failed(body),
                    ErrorCode::TemporarilyUnavailable => Self::Unavailable(body, 5),
                    _ => Self::Refused(body, NO_STORE.to_owned()),
                }
            }
        }
    }

    fn shown(answer: Result<Value, Refusal>) -> Self {
        match answer {
            Ok(body) => Self::Shown(Json(body), NO_STORE.to_owned(), "no-cache".to_owned()),
            Err(refusal) => Self::refused(&refusal),
        }
    }
}

/// A body that is no JSON.
fn bad_registration(_: poem::Error) -> RegistrationResponse {
    let text = "the body is not a JSON object, sent as application/json";
    RegistrationResponse::refused(&Refusal::Error(ProtocolError::new(ErrorCode::InvalidClientMetadata, text)))
}

pub(super) struct BackChannelApi;

#[OpenApi]
impl BackChannelApi {
    /// What a token permits (RFC 7662, RFC 9701).
    #[oai(path = "/introspect", method = "post")]
    async fn introspect(
        &self,
        app: Data<&Arc<App>>,
        request: &Request,
        form: Form<TokenQuery>,
    ) -> IntrospectionResponse {
        let (authorization, accepted) = (authorization(request), accepted(request));
        let answer = introspection::answer(&app, authorization, &accepted, &form).await;
        IntrospectionResponse::of(answer, authorization)
    }

    /// Gives up a token (RFC 7009).
    #[oai(path = "/revoke", method = "post")]
    async fn revoke(&self, app: Data<&Arc<App>>, request: &Request, form: Form<TokenQuery>) -> Answered<Value> {
        let authorization = authorization(request);
        let answer = revocation::revoke(&app, authorization, &form).await;
        Answered::of(answer.map(|()| json!({})), authorization)
    }

    /// Codes for a device and its user (RFC 8628 3.1).
    #[oai(path = "/device_authorization", method = "post")]
    async fn device_authorization(
        &self,
        app: Data<&Arc<App>>,
        request: &Request,
        form: Form<DeviceForm>,
    ) -> Answered<DeviceCodes> {
        let authorization = authorization(request);
        let address = client_address(&app.config.server.trusted_proxies, request);
        Answered::of(device_authorization::answer(&app, authorization, address, &form).await, authorization)
    }

    /// Registers a client (RFC 7591, OpenID Connect Dynamic Client Registration 3).
    #[oai(path = "/connect/register", method = "post")]
    async fn register(&self, app: Data<&Arc<App>>, request: &Request, body: Json<Value>) -> RegistrationResponse {
        let address = client_address(&app.config.server.trusted_proxies, request);
        match registration::register(&app, authorization(request), address, &body).await {
            Ok(body) => RegistrationResponse::Created(Json(body), NO_STORE.to_owned(), "no-cache".to_owned()),
            Err(refusal) => RegistrationResponse::refused(&refusal),
        }
    }

    /// Shows a registration (RFC 7592 2.1).
    #[oai(path = "/connect/register/:client_id", method = "get")]
    async fn registration(
        &self,
        app: Data<&Arc<App>>,
        request: &Request,
        client_id: Path<String>,
    ) -> RegistrationResponse {
        RegistrationResponse::shown(registration::read(&app, authorization(request), &client_id).await)
    }

    /// Replaces a registration (RFC 7592 2.2).
    #[oai(path = "/connect/register/:client_id", method = "put")]
    async fn update_registration(
        &self,
        app: Data<&Arc<App>>,
        request: &Request,
        client_id: Path<String>,
        body: Json<Value>,
    ) -> RegistrationResponse {
        RegistrationResponse::shown(registration::update(&app, authorization(request), &client_id, &body).await)
    }

    /// Removes a registration (RFC 7592 2.3).
    #[oai(path = "/connect/register/:client_id", method = "delete")]
    async fn delete_registration(
        &self,
        app: Data<&Arc<App>>,
        request: &Request,
        client_id: Path<String>,
    ) -> RegistrationResponse {
        match registration::delete(&app, authorization(request), &client_id).await {
            Ok(()) => RegistrationResponse::Deleted,
            Err(refusal) => RegistrationResponse::refused(&refusal),
        }
    }
}
