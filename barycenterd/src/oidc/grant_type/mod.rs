//! One file per grant: what a client gives, and what it must be.

pub(super) mod authorization_code;
pub(super) mod client_credentials;
pub(super) mod device_code;
pub(super) mod refresh_token;
pub(super) mod token_exchange;
