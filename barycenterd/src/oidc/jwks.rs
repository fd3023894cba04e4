//! `GET /.well-known/jwks.json` (RFC 7517 section 5): what relying parties verify with, answered from memory.

/// How long a relying party may keep the keys, in seconds.
pub(super) const MAX_AGE: u32 = 300;

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
