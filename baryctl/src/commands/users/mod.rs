//! `baryctl users …`; `diff` and `sync` have files of their own, because they also stand at the top.

pub(crate) mod export;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod list;
