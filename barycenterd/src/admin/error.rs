//! What an operator hears when something fails: a code, fixed words, and the request's id to look for in the log.
//!
//! The rule: no text of a database or a library leaves the process. The cause is logged once, here.

use std::error::Error as StdError;

use async_graphql::{Context, Error, ErrorExtensionValues, ErrorExtensions as _, ServerError};
use barycenter_core::keyring::KeyringError;
use barycenter_core::reconcile::ReconcileError;
use barycenter_core::store::StoreError;

use crate::listen::RequestId;

/// `extensions.code` of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// No token, or a wrong one.
    Unauthenticated,
    /// From another origin.
    Forbidden,
    /// The request itself is wrong.
    BadInput,
    /// The named thing does not exist.
    NotFound,
    /// It is there already, or it has changed meanwhile.
    Conflict,
    /// The database is away or busy: trying again may help.
    Unavailable,
    /// A fault of the server; its log says more.
    Internal,
}

impl ErrorCode {
    /// Returns the code as it stands in an answer.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadInput => "BAD_INPUT",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// Returns an error that blames the request.
pub(super) fn bad_input(message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", ErrorCode::BadInput.as_str()))
}

/// Returns an error that says to try again later.
pub(super) fn unavailable(message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", ErrorCode::Unavailable.as_str()))
}

/// Turns a failure of the store into what may be told.
pub(super) fn failed(context: &Context<'_>, error: &StoreError) -> Error {
    hide(context, error, store_code(error))
}

/// Turns a failure of the reconciler into what may be told.
pub(super) fn reconciling_failed(context: &Context<'_>, error: &ReconcileError) -> Error {
    let code = match error {
        ReconcileError::Store(error) => store_code(error),
        ReconcileError::Hashing(_) | ReconcileError::File(_) => ErrorCode::Internal,
    };
    hide(context, error, code)
}

/// Turns a failure of the keyring into what may be told.
pub(super) fn keyring_failed(context: &Context<'_>, error: &KeyringError) -> Error {
    let code = match error {
        KeyringError::Store(error) => store_code(error),
        KeyringError::Stale(_) => ErrorCode::Unavailable,
        KeyringError::WrongState(_) => ErrorCode::Conflict,
        KeyringError::OtherRoot { .. } => {
            let message = "the keyring is wrapped under another root key than this server's; mount the new root key and restart it";
            return Error::new(message)
                .extend_with(|_, extensions| extensions.set("code", ErrorCode::Conflict.as_str()));
        }
        _ => ErrorCode::Internal,
    };
    hide(context, error, code)
}

/// A lost race between two writers is a conflict to whoever lost.
fn store_code(error: &StoreError) -> ErrorCode {
    match error {
        StoreError::Unavailable(_) => ErrorCode::Unavailable,
        StoreError::Conflict(_) => ErrorCode::Conflict,
        _ => ErrorCode::Internal,
    }
}

/// Logs the cause and keeps it.
fn hide(context: &Context<'_>, cause: &(dyn StdError + 'static), code: ErrorCode) -> Error {
    let id = context.data_opt::<RequestId>().map_or("unknown", RequestId::as_str);
    tracing::error!(request_id = id, code = code.as_str(), cause, "an operation of the admin API failed");
    let message = match code {
        ErrorCode::Unavailable => "the database is not available; try again in a moment".to_owned(),
        ErrorCode::Conflict => "somebody else wrote the same at the same time; run the same command again".to_owned(),
        _ => format!("internal error; the server's log tells the cause, look for request {id}"),
    };
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
}

/// Gives a code to what the GraphQL library itself refuses: all of that is a fault of the request.
pub(super) fn with_code(mut error: ServerError) -> ServerError {
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    if extensions.get("code").is_none() {
        extensions.set("code", ErrorCode::BadInput.as_str());
    }
    error
}
