//! What is true of a Barycenter deployment whether or not a server runs.
//!
//! Three sentences for a newcomer: [`model`] holds plain values and their transitions; [`store`] keeps them on
//! SQLite or PostgreSQL; [`reconcile`] makes the stored users match a `users.json`, and [`registration`] adds
//! clients. Around them stand [`config`]
//! (the daemon's settings, also read by `baryctl --direct`), [`keyring`] (the root key and everything derived from
//! it) and [`password`]. [`doctor`] finds out what is wrong with all of them, [`backup`] copies and brings them back.
//!
//! ```text
//!   reconcile ──► store ──► model ◄── config
//!       └──► password, keyring ──► store
//! ```
//!
//! This crate knows neither program. It never prints, never reads the environment, and reads the clock only in
//! [`clock`].

pub mod backup;
pub mod clock;
pub mod config;
pub mod doctor;
pub mod keyring;
pub mod model;
pub mod password;
pub mod reconcile;
pub mod registration;
pub mod secret;
mod separated;
pub mod store;
