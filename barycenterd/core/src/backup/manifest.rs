//! What a backup says of itself: `manifest.json`, its first member.

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;
use crate::store::SchemaStatus;

/// The form of backups that this version writes, and the newest that it reads.
pub(super) const FORMAT: u32 = 1;

/// The member that is the manifest.
pub(super) const MANIFEST: &str = "manifest.json";
/// The last member: the digest of the manifest. Without it the backup is cut off.
pub(super) const SEAL: &str = "manifest.sha256";
/// The member that is the SQLite database.
pub const DATABASE: &str = "barycenter.db";
/// The member that is the root key.
pub(super) const ROOT_KEY: &str = "private_key.pem";
/// The member that is the mirror of the published keys.
pub(super) const MIRROR: &str = "jwks.json";

/// How much of what the database holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Users.
    pub users: u64,
    /// Relying parties.
    pub clients: u64,
    /// Signing keys.
    pub keys: u64,
}

/// A file of the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its length, in bytes.
    pub size: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup.
    pub format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// When.
    pub created_at: Timestamp,
    /// The schema steps of the database; empty without one.
    pub schema: Vec<String>,
    /// What is in the database.
    pub counts: Counts,
    /// Which root key the signing keys are wrapped under: a fingerprint; none before the first start.
    pub root: Option<String>,
    /// The other members, in order.
    pub members: Vec<Member>,
}

impl Manifest {
    /// Returns whether there is a member of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.name == name)
    }

    /// Returns whether the root key is among the members.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.has(ROOT_KEY)
    }

    /// Returns the number of the newest schema step: `0002`; `none` without a database.
    #[must_use]
    pub fn schema_version(&self) -> &str {
        let number = |step: &'_ str| step.len().min(step.find('_').unwrap_or(step.len()));
        self.schema.last().map_or("none", |step| step.get(..number(step)).unwrap_or(step))
    }

    /// Returns whether a newer version made the database.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        let known = SchemaStatus::known();
        self.schema.iter().any(|step| !known.contains(step))
    }
}
