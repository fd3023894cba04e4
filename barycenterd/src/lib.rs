//! The daemon: OpenID Connect on the public port, GraphQL on the admin port.
//!
//! ```text
//!   main ──► cli ──► listen ──► oidc · browser · admin · jobs ──► app ──► barycenter-core
//! ```
//!
//! [`oidc`], [`browser`] and [`admin`] do not import one another, except that pages ask `oidc::authorize` where to
//! go back to. [`public_app`] and [`admin_app`] are whole servers without a socket: what tests talk to.

pub mod admin;
pub mod app;
pub mod browser;
pub mod cli;
mod health;
pub mod jobs;
mod keyring;
pub mod listen;
pub mod metrics;
pub mod oidc;
mod replica;
pub mod telemetry;
#[cfg(test)]
pub(crate) mod testing;
mod watch;

pub use admin::admin_app;
pub use app::App;
pub use oidc::public_app;
