//! A daemon among those that serve one deployment, as the others see it.

use crate::model::Timestamp;

/// How long a replica that is no longer heard of counts as present, in seconds.
pub const REPLICA_PRESENT_SECONDS: i64 = 45;

/// One running daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// Names this process, and no other before or after it.
    pub id: String,
    /// The host, and the process on it.
    pub name: String,
    /// The version of the program.
    pub version: String,
    /// Names its root key without telling anything of it: replicas of one deployment have the same.
    pub root: String,
    /// Number of the newest schema step that it knows.
    pub schema: String,
    /// Where the world reaches the deployment: its issuer.
    pub issuer: String,
    /// Where its public listener is; none before it listens.
    pub public_address: Option<String>,
    /// When it started, by its own clock.
    pub started_at: Timestamp,
    /// When it was last heard of, by its own clock.
    pub seen_at: Timestamp,
}

impl Replica {
    /// Returns whether it was heard of lately. Clocks may differ: what comes from the future is present.
    #[must_use]
    pub fn is_present(&self, now: Timestamp) -> bool {
        now.since(self.seen_at) <= REPLICA_PRESENT_SECONDS
    }
}
