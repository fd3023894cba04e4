//! `baryctl keys …`.

pub(crate) mod list;
