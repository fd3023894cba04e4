//! `baryctl db …`: always on the database itself, whatever its schema.

pub(crate) mod migrate;
pub(crate) mod status;
