//! Entries and batches as text, one JSON value a line: how they go to the admin API, and what was done comes
//! back. Both sides use this.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::reconcile::change::{Basis, Kind, Operation};
use crate::reconcile::source::{Desired, parse_entry};
use crate::reconcile::target::{Batch, Done, PlannedEntry, PlannedPrune};
use crate::secret::Secret;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeLine<'a> {
    kind: KindName,
    #[serde(borrow)]
    basis: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    entry: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    prune: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DoneLine<'a> {
    operation: Operation,
    #[serde(borrow)]
    id: Cow<'a, str>,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum KindName {
    User,
    Client,
}

impl From<Kind> for KindName {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::User => Self::User,
            Kind::Client => Self::Client,
        }
    }
}

impl From<KindName> for Kind {
    fn from(kind: KindName) -> Self {
        match kind {
            KindName::User => Self::User,
            KindName::Client => Self::Client,
        }
    }
}

fn push(lines: &mut Vec<u8>, line: &impl Serialize) {
    // Our own types hold nothing that JSON cannot express, and memory takes everything.
    let _ = serde_json::to_writer(&mut *lines, line);
    lines.push(b'\n');
}

fn finished(lines: Vec<u8>) -> Secret {
    // JSON is UTF-8.
    Secret::new(String::from_utf8(lines).unwrap_or_default())
}

/// Writes entries of one kind.
#[must_use]
pub fn entries_to_lines(entries: &[&Desired]) -> Secret {
    let mut lines = String::new();
    for desired in entries {
        lines.push_str(desired.to_entry().expose());
        lines.push('\n');
    }
    Secret::new(lines)
}

/// Writes a batch: `{"kind":"user","basis":"…","entry":{…}}`, then `{"kind":"user","basis":"…","prune":"id"}`.
///
/// # Errors
/// Never: an entry is always JSON.
pub fn batch_to_lines(batch: &Batch) -> Result<Secret, serde_json::Error> {
    let mut lines = Vec::with_capacity(batch.len() * 512);
    for PlannedEntry { desired, basis } in &batch.entries {
        let entry = desired.to_entry();
        let line = ChangeLine {
            kind: desired.kind().into(),
            basis: basis.to_string().into(),
            entry: Some(serde_json::from_str(entry.expose())?),
            prune: None,
        };
        push(&mut lines, &line);
    }
    for PlannedPrune { kind, id, basis, .. } in &batch.prunes {
        let line =
            ChangeLine { kind: (*kind).into(), basis: basis.to_string().into(), entry: None, prune: Some(id.into()) };
        push(&mut lines, &line);
    }
    Ok(finished(lines))
}

/// Reads a batch.
///
/// # Errors
/// Everything that is wrong with its lines.
pub fn batch_from_lines(lines: &str) -> Result<Batch, Vec<String>> {
    let mut batch = Batch::default();
    let mut faults = Vec::new();
    for (index, line) in lines.lines().enumerate() {
        let number = index + 1;
        let parsed = serde_json::from_str::<ChangeLine<'_>>(line).ok();
        let Some((line, basis)) = parsed.and_then(|line| Basis::parse(&line.basis).map(|basis| (line, basis))) else {
            faults.push(format!("line {number}: is not a planned change"));
            continue;
        };
        match (line.entry, line.prune) {
            (Some(entry), None) if batch.prunes.is_empty() => match parse_entry(line.kind.into(), entry.get()) {
                Ok(desired) => batch.entries.push(PlannedEntry { desired, basis }),
                Err(wrong) => {
                    faults
                        .extend(wrong.iter().map(|fault| format!("line {number}: {} {}", fault.place, fault.message)));
                }
            },
            (None, Some(id)) => {
                let id = id.into_owned();
                batch.prunes.push(PlannedPrune { kind: line.kind.into(), key: id.clone(), id, basis });
            }
            _ => faults.push(format!("line {number}: holds either an entry or, behind all entries, a prune")),
        }
    }
    if faults.is_empty() { Ok(batch) } else { Err(faults) }
}

/// Writes what was done: `{"operation":"create","id":"…"}`.
#[must_use]
pub fn done_to_lines(done: &[Done]) -> Secret {
    let mut lines = Vec::with_capacity(done.len() * 80);
    for Done { operation, id } in done {
        push(&mut lines, &DoneLine { operation: *operation, id: id.into() });
    }
    finished(lines)
}

/// Reads what was done.
///
/// # Errors
/// The number of the first line that says nothing this program understands.
pub fn done_from_lines(lines: &str) -> Result<Vec<Done>, String> {
    let read = |(index, line): (usize, &str)| {
        let line: DoneLine<'_> =
            serde_json::from_str(line).map_err(|_| format!("line {}: is nothing that is done", index + 1))?;
        Ok(Done { operation: line.operation, id: line.id.into_owned() })
    };
    lines.lines().enumerate().map(read).collect()
}
