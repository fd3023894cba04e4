//! `POST /admin/graphql`: from bytes to operations, refusing as early as can be.
//!
//! In this order, each with an answer in GraphQL's shape: another method 405; no token, or a wrong one, 401; another
//! origin 403; anything but JSON 415; too long a body 413; then what [`limits`](super::limits) finds too big. So
//! nothing that a stranger sends is ever parsed, and no page of another origin can make a browser send it.

use std::sync::Arc;

use async_graphql::{BatchRequest, EmptySubscription, MergedObject, Response as Answer, Schema, ServerError};
use poem::error::ReadBodyError;
use poem::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST, ORIGIN, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS};
use poem::http::{Method, StatusCode};
use poem::web::Data;
use poem::{Body, Request, Response, handler};
use serde_json::json;

use crate::admin::error::{ErrorCode, with_code};
use crate::admin::operator::AdminToken;
use crate::admin::{
    client, doctor, job, limits, log, registration_token, replica, selection, server_info, signing_key, sync, user,
};
use crate::app::App;
use crate::listen::{RequestId, read_body};

/// What can be asked.
#[derive(MergedObject, Default)]
pub(super) struct Query(
    server_info::ServerInfoQuery,
    user::UserQuery,
    client::ClientQuery,
    signing_key::SigningKeyQuery,
    sync::SyncQuery,
    job::JobQuery,
    replica::ReplicaQuery,
    doctor::DoctorQuery,
    log::LogQuery,
);

/// What can be done.
#[derive(MergedObject, Default)]
pub(super) struct Mutation(
    sync::SyncMutation,
    client::ClientMutation,
    signing_key::SigningKeyMutation,
    registration_token::RegistrationTokenMutation,
    job::JobMutation,
    log::LogMutation,
);

/// The admin API.
pub(super) type AdminSchema = Schema<Query, Mutation, EmptySubscription>;

/// Returns the schema of a running deployment.
pub(super) fn schema(app: &Arc<App>) -> AdminSchema {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .limit_depth(limits::DEPTH)
        .limit_complexity(limits::COMPLEXITY)
        .limit_directives(limits::DIRECTIVES)
        .data(Arc::clone(app))
        .finish()
}

/// Returns the schema's text: schema/admin.graphql.
#[must_use]
pub fn sdl() -> String {
    Schema::new(Query::default(), Mutation::default(), EmptySubscription).sdl()
}

/// Executes the operations of a body.
#[handler]
pub(super) async fn execute(
    request: &Request,
    body: Body,
    schema: Data<&AdminSchema>,
    token: Data<&Arc<AdminToken>>,
) -> Response {
    if let Some(refusal) = refusal(request, &token) {
        return refusal;
    }
    let bytes = match read_body(body, limits::BODY_BYTES).await {
        Ok(bytes) => bytes,
        Err(ReadBodyError::PayloadTooLarge) => {
            let message =
                format!("the body is longer than {} MiB; send fewer entries at once", limits::BODY_BYTES >> 20);
            return refused(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::BadInput, &message);
        }
        Err(_) => return refused(StatusCode::BAD_REQUEST, ErrorCode::BadInput, "the body ended early"),
    };
    // Both by its own type: a type for either would copy what it tries.
    let operations = if bytes.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice(&bytes).ok().filter(|batch: &Vec<_>| !batch.is_empty()).map(BatchRequest::Batch)
    } else {
        serde_json::from_slice(&bytes).ok().map(BatchRequest::Single)
    };
    let Some(operations) = operations else {
        let message = "the body is not a GraphQL request: { \"query\": …, \"variables\": { … } }";
        return refused(StatusCode::BAD_REQUEST, ErrorCode::BadInput, message);
    };
    let id = request.data::<RequestId>();
    match operations {
        BatchRequest::Single(operation) => json_response(StatusCode::OK, &execute_one(&schema, operation, id).await),
        BatchRequest::Batch(operations) if operations.len() > limits::BATCH => {
            let message = format!("a batch may hold {} operations at most", limits::BATCH);
            refused(StatusCode::BAD_REQUEST, ErrorCode::BadInput, &message)
        }
        BatchRequest::Batch(operations) => {
            let mut answers = Vec::with_capacity(operations.len());
            for operation in operations {
                answers.push(execute_one(&schema, operation, id).await);
            }
            json_response(StatusCode::OK, &answers)
        }
    }
}

/// Executes one operation, if it does not ask for too much.
async fn execute_one(schema: &AdminSchema, mut operation: async_graphql::Request, id: Option<&RequestId>) -> Answer {
    let mut answer = match limits::check(&mut operation) {
        Ok(()) => {
            selection::keep_selected(&mut operation);
            let operation = id.into_iter().fold(operation, |operation, id| operation.data(id.clone()));
            schema.execute(operation).await
        }
        Err(too_much) => Answer::from_errors(vec![ServerError::new(too_much.to_string(), None)]),
    };
    answer.errors = answer.errors.into_iter().map(with_code).collect();
    answer
}

/// Refuses by what the head of the request says.
fn refusal(request: &Request, token: &AdminToken) -> Option<Response> {
    if request.method() != Method::POST {
        let mut response =
            refused(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::BadInput, "operations are executed by POST only");
        response.headers_mut().insert(ALLOW, poem::http::HeaderValue::from_static("POST"));
        return Some(response);
    }
    if !token.admits(request) {
        let message = "the admin token is missing or wrong; send it as `Authorization: Bearer …`";
        let mut response = refused(StatusCode::UNAUTHORIZED, ErrorCode::Unauthenticated, message);
        response.headers_mut().insert(WWW_AUTHENTICATE, poem::http::HeaderValue::from_static("Bearer"));
        return Some(response);
    }
    if !is_own_origin(request) {
        return Some(refused(
            StatusCode::FORBIDDEN,
            ErrorCode::Forbidden,
            "requests from pages of another origin are refused",
        ));
    }
    let media_type = request.content_type().and_then(|text| text.split(';').next()).unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case("application/json") {
        let message = "the body must be JSON, sent as `Content-Type: application/json`";
        return Some(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::BadInput, message));
    }
    None
}

/// Returns whether the request comes from no page at all, or from one that this listener served.
fn is_own_origin(request: &Request) -> bool {
    if !request.headers().contains_key(ORIGIN) {
        return true;
    }
    let (Some(origin), Some(host)) = (request.header(ORIGIN), request.header(HOST)) else { return false };
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

/// Returns a refusal in the shape of a GraphQL answer.
fn refused(status: StatusCode, code: ErrorCode, message: &str) -> Response {
    json_response(status, &json!({ "errors": [{ "message": message, "extensions": { "code": code.as_str() } }] }))
}

/// Returns an answer that nobody keeps: it may hold personal data or a new client's secret.
fn json_response(status: StatusCode, answer: &impl serde::Serialize) -> Response {
    let Ok(text) = serde_json::to_string(answer) else { return StatusCode::INTERNAL_SERVER_ERROR.into() };
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json")
        .header(CACHE_CONTROL, "no-store")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(text)
}
