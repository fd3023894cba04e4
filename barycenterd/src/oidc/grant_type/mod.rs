//! One file per grant: what a client gives, and what it must be.

pub(super) mod authorization_code;
pub(super) mod refresh_token;
