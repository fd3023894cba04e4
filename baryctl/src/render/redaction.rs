//! What a report does not show: in public logs, names of fields say enough.

use std::borrow::Cow;

use barycenter_core::reconcile::Change;
use serde_json::Value;

use crate::cli::Redaction;

/// What stands in place of a value.
const MASK: &str = "(redacted)";

/// Returns a change as it may be shown; nothing where only numbers may be.
pub(crate) fn redacted(change: &Change, redaction: Redaction) -> Option<Cow<'_, Change>> {
    match redaction {
        Redaction::Secrets => Some(Cow::Borrowed(change)),
        Redaction::All => None,
        Redaction::Pii => {
            let mut change = change.clone();
            for field in &mut change.fields {
                if field.path == "email" || field.path.starts_with("properties.") {
                    for side in [&mut field.before, &mut field.after] {
                        *side = side.take().map(|_| Value::String(MASK.to_owned()));
                    }
                }
            }
            // Messages name other people's addresses.
            change.message = change.conflict.map(|reason| {
                serde_json::to_value(reason)
                    .ok()
                    .and_then(|name| Some(name.as_str()?.replace('_', " ")))
                    .unwrap_or_default()
            });
            change.hint = None;
            Some(Cow::Owned(change))
        }
    }
}
