//! What a GraphQL request may cost, decided on its text before anything walks through it.
//!
//! A short text can ask for much: deep nesting, thousands of aliases, fragments that double one another. The text's
//! size and its brackets are counted before it is parsed; fields are counted with every fragment written out, each
//! fragment looked at once, before the library's own checks walk through them one by one.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Request};
use thiserror::Error;

/// The largest body of a request, in bytes: 1,000 entries of a users file fit.
pub(super) const BODY_BYTES: usize = 8 * 1024 * 1024;
/// The most operations in one body.
pub(super) const BATCH: usize = 10;
/// The deepest nesting of fields: GraphiQL's introspection query is 15 deep.
pub(super) const DEPTH: usize = 16;
/// The highest cost of an operation: a field costs 1, a page as many as it may hold.
pub(super) const COMPLEXITY: usize = 2000;
/// The most directives on one field.
pub(super) const DIRECTIVES: usize = 4;
/// The largest page.
pub(super) const PAGE: i32 = 1000;

/// The longest query, in bytes; values belong into variables.
const QUERY_BYTES: usize = 64 * 1024;
/// The most opening brackets in a query: they bound how deep its parser recurses.
const BRACKETS: usize = 400;
/// The most fields, fragments written out.
const FIELDS: usize = 600;
/// The most aliases, fragments written out.
const ALIASES: usize = 50;

/// Why a request is not executed.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum TooMuch {
    #[error("the query is longer than {QUERY_BYTES} bytes; pass values as variables")]
    Long,
    #[error("the query has more than {BRACKETS} opening brackets; ask for less at once, and pass values as variables")]
    Brackets,
    #[error("the query asks for more than {FIELDS} fields; ask for less at once")]
    Fields,
    #[error("the query has more than {ALIASES} aliases; ask for less at once")]
    Aliases,
    #[error("the fragments of the query use one another in a circle")]
    Circle,
}

/// Brings a page's size into the range that is served.
pub(super) fn page_size(first: i32) -> u64 {
    u64::from(first.clamp(1, PAGE).unsigned_abs())
}

/// What a page costs: its size and what is asked of one node.
pub(super) fn page_cost(first: i32, one: usize) -> usize {
    usize::try_from(page_size(first)).unwrap_or(usize::MAX).saturating_add(one)
}

/// Refuses a request that asks for too much; one that does not parse is left to the library, which says why.
pub(super) fn check(request: &mut Request) -> Result<(), TooMuch> {
    if request.query.len() > QUERY_BYTES {
        return Err(TooMuch::Long);
    }
    if request.query.bytes().filter(|byte| b"{[(".contains(byte)).count() > BRACKETS {
        return Err(TooMuch::Brackets);
    }
    let Ok(document) = request.parsed_query() else { return Ok(()) };
    let mut size = Size::default();
    let mut counter = Counter { document, known: HashMap::new() };
    for (_, operation) in document.operations.iter() {
        size = size.plus(counter.selections(&operation.node.selection_set.node)?);
    }
    if size.fields > FIELDS {
        return Err(TooMuch::Fields);
    }
    if size.aliases > ALIASES {
        return Err(TooMuch::Aliases);
    }
    Ok(())
}

/// How much is asked for.
#[derive(Debug, Default, Clone, Copy)]
struct Size {
    fields: usize,
    aliases: usize,
}

impl Size {
    fn plus(self, other: Self) -> Self {
        Self { fields: self.fields.saturating_add(other.fields), aliases: self.aliases.saturating_add(other.aliases) }
    }
}

/// Counts with every fragment written out, though it reads each of them once.
struct Counter<'a> {
    document: &'a ExecutableDocument,
    /// `None`: being counted, so that whoever meets it again goes in a circle.
    known: HashMap<&'a Name, Option<Size>>,
}

impl<'a> Counter<'a> {
    fn selections(&mut self, set: &'a SelectionSet) -> Result<Size, TooMuch> {
        let mut size = Size::default();
        for selection in &set.items {
            let one = match &selection.node {
                Selection::Field(field) => {
                    let itself = Size { fields: 1, aliases: usize::from(field.node.alias.is_some()) };
                    itself.plus(self.selections(&field.node.selection_set.node)?)
                }
                Selection::InlineFragment(fragment) => self.selections(&fragment.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node)?,
            };
            size = size.plus(one);
        }
        Ok(size)
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Size, TooMuch> {
        match self.known.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err(TooMuch::Circle),
            None => {}
        }
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Size::default()) };
        self.known.insert(name, None);
        let size = self.selections(&fragment.node.selection_set.node)?;
        self.known.insert(name, Some(size));
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(query: &str) -> Result<(), TooMuch> {
        check(&mut Request::new(query))
    }

    #[test]
    fn ordinary_queries_pass() {
        assert_eq!(
            checked("query Q($n: Int!) { users(first: $n) { nodes { ...F } } } fragment F on User { id }"),
            Ok(())
        );
        assert_eq!(checked("this is no GraphQL"), Ok(()));
    }

    #[test]
    fn nesting_is_counted_before_it_is_parsed() {
        assert_eq!(checked(&"{a".repeat(20_000)), Err(TooMuch::Brackets));
        assert_eq!(checked(&"[".repeat(60_000)), Err(TooMuch::Brackets));
        assert_eq!(checked(&" ".repeat(70_000)), Err(TooMuch::Long));
    }

    #[test]
    fn a_thousand_aliases_are_refused() {
        let many: String = (0..1000).map(|index| format!("a{index}: __typename ")).collect();
        assert_eq!(checked(&format!("{{ {many} }}")), Err(TooMuch::Fields));
        let some: String = (0..100).map(|index| format!("a{index}: __typename ")).collect();
        assert_eq!(checked(&format!("{{ {some} }}")), Err(TooMuch::Aliases));
    }

    #[test]
    fn fragments_that_double_one_another_are_counted_at_once() {
        let mut query = "{ ...F0 }".to_owned();
        for index in 0..60 {
            query += &format!(" fragment F{index} on Query {{ ...F{0} ...F{0} }}", index + 1);
        }
        query += " fragment F60 on Query { __typename }";
        assert_eq!(checked(&query), Err(TooMuch::Fields));
        assert_eq!(checked("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"), Err(TooMuch::Circle));
    }

    #[test]
    fn pages_are_clamped() {
        assert_eq!([page_size(-5), page_size(0), page_size(7), page_size(i32::MAX)], [1, 1, 7, 1000]);
        assert!(page_cost(i32::MAX, 20) < COMPLEXITY);
        assert!(page_cost(i32::MAX, 20) * 2 > COMPLEXITY, "two full pages are too much");
    }
}
