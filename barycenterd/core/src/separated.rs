//! Texts that stand in one text, with a separator between them.

use std::iter::from_fn;

/// Returns what stands between the separators, ASCII characters: one text more than there are separators.
pub(crate) fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    from_fn(move || {
        let text = rest?;
        let (first, behind) = text.split_at(memchr::memchr(separator as u8, text.as_bytes()).unwrap_or(text.len()));
        rest = behind.strip_prefix(separator);
        Some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_separators_may_be_nothing() {
        for (text, texts) in [("", vec![""]), ("a", vec!["a"]), (",", vec!["", ""]), ("ä,,b,", vec!["ä", "", "b", ""])]
        {
            assert_eq!(split(text, ',').collect::<Vec<_>>(), texts);
        }
    }
}
