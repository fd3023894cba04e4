//! Verdicts on what cannot be brought about everywhere: file systems, room on a volume, the connections of a server.
//! Plain functions on values; the checks look, and ask these.

pub use crate::doctor::database::{enough_connections, journal};
pub use crate::doctor::disk::{on_this_machine, room};
