//! Errors of the protocol, and where each may go.
//!
//! An authorization request's error is a [`DisplayedError`] until a [`RegisteredRedirectUri`] exists, and a
//! [`RedirectedError`] from then on: an open redirect does not compile. What went wrong inside is logged once with
//! the request and never told to the client.

use barycenter_core::model::{RegisteredRedirectUri, ResponseMode};
use barycenter_core::password::HashingError;
use barycenter_core::store::StoreError;
use poem::http::StatusCode;
use thiserror::Error;

/// The error codes that this provider sends (RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750 section 3.1, OpenID
/// Connect Core section 3.1.2.6, OpenID Connect Core Unmet Authentication Requirements 1.0, RFC 7591 section 3.2.2,
/// RFC 8628 section 3.5, RFC 8707 section 2, RFC 9449).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorCode {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    InvalidTarget,
    InvalidToken,
    InsufficientScope,
    UnauthorizedClient,
    InvalidDpopProof,
    InvalidRedirectUri,
    InvalidClientMetadata,
    UnapprovedSoftwareStatement,
    UnsupportedGrantType,
    UnsupportedResponseType,
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    AccessDenied,
    LoginRequired,
    ConsentRequired,
    UnmetAuthenticationRequirements,
    InvalidRequestObject,
    InvalidRequestUri,
    RequestUriNotSupported,
    RegistrationNotSupported,
    ServerError,
    TemporarilyUnavailable,
}

impl ErrorCode {
    /// Returns the code on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::InvalidRedirectUri => "invalid_redirect_uri",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::UnapprovedSoftwareStatement => "unapproved_software_statement",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::AccessDenied => "access_denied",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::InvalidRequestUri => "invalid_request_uri",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }
}

/// An error that goes to the client as an answer: a code, and a sentence in the characters that RFC 6749 permits.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {description}", code.as_str())]
pub(crate) struct ProtocolError {
    pub(crate) code: ErrorCode,
    pub(crate) description: String,
    /// How many seconds to wait before the next attempt, where there have been too many.
    pub(crate) wait: Option<i64>,
}

impl ProtocolError {
    /// Returns an error; characters that an `error_description` may not hold (RFC 6749 section 5.2) become `'`.
    pub(crate) fn new(code: ErrorCode, description: impl AsRef<str>) -> Self {
        let permitted = |character: char| matches!(character, ' '..='~') && !matches!(character, '"' | '\\');
        let description = description.as_ref().chars().map(|one| if permitted(one) { one } else { '\'' }).collect();
        Self { code, description, wait: None }
    }

    /// Returns the error of one request too many from an address, which may try again in so many seconds (RFC 6585
    /// section 4).
    pub(crate) fn too_many(seconds: i64) -> Self {
        let text = format!("too many requests from this address; try again in {seconds} seconds");
        Self { wait: Some(seconds), ..Self::new(ErrorCode::TemporarilyUnavailable, text) }
    }

    /// Logs what failed inside and returns what the client may know of it.
    pub(crate) fn internal(error: &StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        if error.is_unavailable() {
            Self::new(ErrorCode::TemporarilyUnavailable, "the service is not available at the moment; try again later")
        } else {
            Self::new(ErrorCode::ServerError, "the request could not be completed because of a fault on our side")
        }
    }
}

/// An error that the End-User sees on a page, because there is no address that it may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DisplayedError {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    pub(crate) code: Option<ErrorCode>,
}

impl DisplayedError {
    /// Returns the error of a request that cannot be believed.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into(), code: Some(ErrorCode::InvalidRequest) }
    }

    /// Returns the error of a form that did not come from one of our pages.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, message: message.into(), code: None }
    }

    /// Logs what failed inside and returns what the End-User may know of it.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = %chain(error), "a page could not be made");
        let away = error.downcast_ref::<StoreError>().is_some_and(StoreError::is_unavailable)
            || matches!(error.downcast_ref(), Some(HashingError::Busy));
        let (status, message) = if away {
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "The service is not available at the moment. Please try again in a minute.",
            )
        } else {
            (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side. Please try again.")
        };
        Self { status, message: message.to_owned(), code: None }
    }
}

impl From<StoreError> for DisplayedError {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

/// Writes an error with its causes.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// An error that goes to the client through the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedirectedError {
    pub(crate) redirect_uri: RegisteredRedirectUri,
    pub(crate) mode: ResponseMode,
    pub(crate) state: Option<String>,
    pub(crate) error: ProtocolError,
}

/// Either of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AuthorizeError {
    Displayed(DisplayedError),
    Redirected(Box<RedirectedError>),
}

impl From<DisplayedError> for AuthorizeError {
    fn from(error: DisplayedError) -> Self {
        Self::Displayed(error)
    }
}

impl From<StoreError> for AuthorizeError {
    fn from(error: StoreError) -> Self {
        Self::Displayed(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_hold_only_permitted_characters() {
        let error = ProtocolError::new(ErrorCode::InvalidRequest, "scope \"a\\b\"\r\nSet-Cookie: ü");
        assert_eq!(error.description, "scope 'a'b'''Set-Cookie: '");
    }
}
