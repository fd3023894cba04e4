//! `baryctl clients …`.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod export;
mod further;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod registration_token;
