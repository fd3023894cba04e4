//! What the journeys share: the two programs as processes, a database for every test, and the people and relying
//! parties that use them.
//!
//! - [`balancer`]: a load balancer in front of replicas
//! - [`contract`]: every JSON answer of `baryctl` is held against its schema
//! - [`deployment`]: one installation in a temporary folder: configuration, database, ports; its programs run from here
//! - [`daemon`]: a running `barycenterd`
//! - [`database`]: SQLite files and databases of the PostgreSQL server that `tests/with-postgres.sh` starts
//! - [`program`]: finds a program, runs it, keeps what it said
//! - [`proxy`]: a connection that breaks
//! - [`measure`], [`report`]: what a process takes, and figures with their limits, for benchmarks
//! - [`visitor`]: a browser without scripts or pictures: cookies, redirects one at a time, forms ([`html`])
//! - [`relying_party`]: clients: plain HTTP requests, and `relying-party/login.mjs` with a real browser
//! - [`verifier`]: a relying party that only verifies, with `relying-party/verify.mjs`
//!
//! Nothing here knows the programs' code: they are seen as their users see them.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why and ends")]

pub mod balancer;
pub mod contract;
pub mod daemon;
pub mod database;
pub mod deployment;
pub mod html;
pub mod measure;
pub mod program;
pub mod proxy;
pub mod relying_party;
pub mod report;
pub mod verifier;
pub mod visitor;

pub use balancer::Balancer;
pub use daemon::Daemon;
pub use database::DatabaseKind;
pub use deployment::Deployment;
pub use program::Finished;
pub use relying_party::Client;
pub use verifier::Verifier;
pub use visitor::Visitor;
