//! How ownership lies in columns: who, if anybody, and what their file declared.

use crate::model::{Manager, Ownership};
use crate::store::StoreError;
use crate::store::column::{Place, to_json};

const MANAGED: &str = "managed";
const SELF_REGISTERED: &str = "self_registered";
const UNMANAGED: &str = "unmanaged";

/// The three columns.
pub(super) struct Columns {
    pub(super) origin: String,
    pub(super) manager: Option<String>,
    pub(super) declared: String,
}

impl From<&Ownership> for Columns {
    fn from(ownership: &Ownership) -> Self {
        let (origin, manager, declared) = match ownership {
            Ownership::Unmanaged => (UNMANAGED, None, "{}".to_owned()),
            Ownership::SelfRegistered => (SELF_REGISTERED, None, "{}".to_owned()),
            Ownership::Managed { manager, declared } => (MANAGED, Some(manager.to_string()), to_json(declared)),
        };
        Self { origin: origin.to_owned(), manager, declared }
    }
}

impl Columns {
    /// Reads them back.
    pub(super) fn read(self, place: Place<'_>) -> Result<Ownership, StoreError> {
        match (self.origin.as_str(), self.manager) {
            (MANAGED, Some(manager)) => {
                let declared = place.json("declared", &self.declared)?;
                Ok(Ownership::Managed { manager: Manager::new(manager), declared })
            }
            (SELF_REGISTERED, _) => Ok(Ownership::SelfRegistered),
            (UNMANAGED, _) => Ok(Ownership::Unmanaged),
            (other, _) => Err(place.corrupt("origin", format!("{other:?} is not one of the known values"))),
        }
    }
}
