//! The endpoints that clients call besides the token endpoint, as poem-openapi describes them: introspection,
//! revocation, device authorization, registration.
//!
//! As [`super::machine`], this file is framework only.

use std::sync::Arc;

use poem::Request;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::{Form, Json};
use poem_openapi::types::{ParseFromJSON, ToJSON};
use poem_openapi::{ApiResponse, OpenApi};
use serde_json::{Value, json};

use crate::app::App;
use crate::client_address::client_address;
use crate::oidc::device_authorization::{self, DeviceCodes, DeviceForm};
use crate::oidc::error::{ErrorCode, ProtocolError};
use crate::oidc::introspection::{self, TokenQuery};
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
                let text = format!("too many registrations from this address; try again in {seconds} seconds");
                let error = ProtocolError::new(ErrorCode::TemporarilyUnavailable, text);
                Self::TooMany(Json(ErrorBody::from(&error)), *seconds)
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
    /// What a token permits (RFC 7662).
    #[oai(path = "/introspect", method = "post")]
    async fn introspect(&self, app: Data<&Arc<App>>, request: &Request, form: Form<TokenQuery>) -> Answered<Value> {
        let authorization = authorization(request);
        Answered::of(introspection::answer(&app, authorization, &form).await, authorization)
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
        Answered::of(device_authorization::answer(&app, authorization, &form).await, authorization)
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
