//! `baryctl keys …`.

pub(crate) mod export;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod retire;
pub(crate) mod rewrap;
pub(crate) mod rotate;

use barycenter_core::keyring::Run;

use crate::error::{CtlError, Exit};
use crate::render::{minute, plain};
use crate::target::answer::SigningKey;

/// Whether an operation is carried out.
const fn run(dry: bool) -> Run {
    if dry { Run::Dry } else { Run::Real }
}

/// Returns when a key begins to sign, for people.
fn activation(key: &SigningKey) -> String {
    key.activates_at.as_deref().map_or_else(|| "later".to_owned(), minute)
}

/// The error of a key of the same algorithm that waits already: two that wait would be one too many.
fn pending(key: &SigningKey) -> CtlError {
    CtlError::new(
        Exit::Conflict,
        format!(
            "a new {} key is published already: {}; it signs from {} on; nothing was changed",
            plain(&key.algorithm),
            plain(&key.kid),
            activation(key)
        ),
    )
    .hint(format!("take it back first: baryctl keys retire {}", key.kid))
}
