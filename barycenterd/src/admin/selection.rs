//! Of a document with several operations, only the one that is executed: the library weighs every operation of a
//! document with the variables of one, and refuses those whose variables are not there.

use std::collections::BTreeSet;

use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Request};

/// Leaves the named operation and the fragments that it uses. A document with one operation, or without the named
/// one, is left to the library.
pub(super) fn keep_selected(request: &mut Request) {
    let Some(name) = request.operation_name.clone() else { return };
    let Ok(document) = request.parsed_query() else { return };
    let DocumentOperations::Multiple(operations) = &document.operations else { return };
    let Some((name, operation)) = operations.get_key_value(name.as_str()).filter(|_| operations.len() > 1) else {
        return;
    };
    let mut used = BTreeSet::new();
    spreads(document, &operation.node.selection_set.node, &mut used);
    let fragments = document.fragments.iter().filter(|(name, _)| used.contains(*name));
    let kept = ExecutableDocument {
        fragments: fragments.map(|(name, fragment)| (name.clone(), fragment.clone())).collect(),
        operations: DocumentOperations::Multiple([(name.clone(), operation.clone())].into()),
    };
    request.set_parsed_query(kept);
}

/// Gathers the fragments that a selection uses, directly or through others.
fn spreads(document: &ExecutableDocument, set: &SelectionSet, used: &mut BTreeSet<Name>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => spreads(document, &field.node.selection_set.node, used),
            Selection::InlineFragment(fragment) => spreads(document, &fragment.node.selection_set.node, used),
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                let new = used.insert(name.clone());
                if let (true, Some(fragment)) = (new, document.fragments.get(name)) {
                    spreads(document, &fragment.node.selection_set.node, used);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_operations_and_their_fragments_are_left_out() {
        let query = "query A { users { ...F } } query B($n: Int!) { clients(first: $n) { ...G } } \
                     fragment F on X { ...H } fragment G on Y { id } fragment H on X { id }";
        let mut request = Request::new(query).operation_name("A");
        keep_selected(&mut request);
        let document = request.parsed_query().unwrap();
        assert_eq!(document.operations.iter().count(), 1);
        let mut fragments: Vec<&str> = document.fragments.keys().map(Name::as_str).collect();
        fragments.sort_unstable();
        assert_eq!(fragments, ["F", "H"]);
    }
}
