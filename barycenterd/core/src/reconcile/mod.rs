//! Makes the stored users match a users file: one engine for `baryctl diff` and `users sync`, direct or through the
//! admin API, and for `barycenter sync-users`.
//!
//! ```text
//!   users.json ──► users_file::parse ──► [DesiredUser] ─┐
//!                                       live [User] ────┴► plan (pure) ──► [Change] ──► apply, in one transaction
//! ```
//!
//! The rules: everything in the file is checked before anything is touched; a field that the file does not mention
//! is not managed; an account that the file does not own is a conflict, never a victim; every change is applied only
//! to the state that it was planned against.

pub mod change;
pub mod plan;
pub mod reconciler;
pub mod sync;
pub mod users_file;
mod users_file_entry;
mod users_file_schema;

pub use plan::{Adoption, Basis, Change, ConflictReason, FieldChange, Operation};
pub use reconciler::{Applied, PlannedUser, ReconcileError, Reconciler};
pub use sync::{BATCH, Comparison, OnConflict, Outcome, Target, compare, sync};
pub use users_file::{DesiredUser, Fault, Field, UsersFile, UsersFileError};
