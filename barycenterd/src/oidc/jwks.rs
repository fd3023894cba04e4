//! `GET /.well-known/jwks.json` (RFC 7517 section 5): what relying parties verify with, answered from memory.
//!
//! The rule: no copy outlives what it promises. A new key signs only when every copy without it has expired, so a
//! replica that may have missed one, because it cannot reach the database, lets nobody keep a copy.

use crate::app::App;

/// Returns the `Cache-Control` of an answer (RFC 9111 section 5.2.2).
pub(super) fn cache_control(app: &App) -> String {
    if app.keyring.is_fresh(app.now()) {
        format!("public, max-age={}", app.config.keys.jwks_max_age.as_seconds())
    } else {
        "no-cache".to_owned()
    }
}

/// Returns whether the client already has what the entity tag names (RFC 9110 section 13.1.2).
pub(super) fn is_current(if_none_match: Option<&str>, etag: &str) -> bool {
    let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if_none_match.is_some_and(|tags| tags.trim() == "*" || tags.split(',').any(|tag| weak(tag) == etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entity_tags_are_compared_weakly() {
        assert!(is_current(Some("\"a\""), "\"a\""));
        assert!(is_current(Some("\"b\", W/\"a\""), "\"a\""));
        assert!(is_current(Some("*"), "\"a\""));
        assert!(!is_current(Some("\"b\""), "\"a\""));
        assert!(!is_current(None, "\"a\""));
    }
}
