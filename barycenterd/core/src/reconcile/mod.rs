//! Makes stored users and clients match users files: one engine for `baryctl diff` and `sync`, direct or through the
//! admin API, for `barycenter sync-users`, and for a daemon that watches its file.
//!
//! ```text
//!   users.json ──► source (stream) ──► probes ─┐
//!                                        live ─┴► plan (pure) ──► guard ──► batches ──► reconciler, in a transaction
//! ```
//!
//! The rules: everything in the files is checked before anything is touched; a field that a file does not mention is
//! not managed; what the file does not own is a conflict, never a victim; every change is applied only to the state
//! that it was planned against; one sync at a time for each manager.

pub mod change;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod guard;
mod plan;
mod probe;
mod reconciler;
mod samples;
pub mod source;
pub mod sync;
pub mod target;
pub mod wire;

pub use change::{Basis, Change, ConflictReason, Counts, Drift, Effects, FieldChange, Holder, Kind, Operation};
pub use guard::{Guards, MaxPrune, Refusal};
pub use plan::prune::Prune;
pub use plan::{Adoption, Import, Intent};
pub use probe::{Probe, Probes};
pub use reconciler::{ReconcileError, Reconciler};
pub use samples::sample_passwords;
pub use source::{Checked, Desired, Entry, Fault, Field, Source, UsersFileError, Values};
pub use sync::{BATCH, Item, Observer, OnConflict, Order, Outcome, Plan, Request, Verdict, compare, run};
pub use target::{Applied, Batch, Compared, Done, Lease, Managed, Owned, PlannedEntry, PlannedPrune, Standing, Target};
