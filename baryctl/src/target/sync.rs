//! Comparing and changing on either target.

use barycenter_core::model::Manager;
use barycenter_core::reconcile::{
    Applied, Batch, Change, Compared, Desired, Intent, Kind, Lease, Managed, Owned, Probes, Prune, Target as Engine,
};

use crate::error::CtlError;
use crate::target::Target;

/// Asks whichever it is.
macro_rules! either {
    ($target:expr, $engine:ident => $answer:expr) => {
        match $target {
            Target::Admin(api) => {
                let $engine = api.as_ref();
                $answer.await
            }
            Target::Direct(direct) => {
                let $engine = direct.reconciler().await?;
                $answer.await.map_err(CtlError::from)
            }
        }
    };
}

impl Engine for Target {
    type Error = CtlError;

    async fn compare(
        &self,
        manager: &Manager,
        kind: Kind,
        probes: &Probes,
        intent: &Intent,
    ) -> Result<Compared, CtlError> {
        either!(self, engine => engine.compare(manager, kind, probes, intent))
    }

    async fn plan(&self, manager: &Manager, entries: &[&Desired], intent: &Intent) -> Result<Vec<Change>, CtlError> {
        either!(self, engine => engine.plan(manager, entries, intent))
    }

    async fn plan_prune(
        &self,
        manager: &Manager,
        kind: Kind,
        ids: &[&str],
        prune: Prune,
    ) -> Result<Vec<Change>, CtlError> {
        either!(self, engine => engine.plan_prune(manager, kind, ids, prune))
    }

    async fn apply(&self, lease: &Lease, batch: &Batch, intent: &Intent, prune: Prune) -> Result<Applied, CtlError> {
        either!(self, engine => engine.apply(lease, batch, intent, prune))
    }

    async fn managed(&self, manager: &Manager, kind: Kind) -> Result<Managed, CtlError> {
        either!(self, engine => engine.managed(manager, kind))
    }

    async fn owned(&self, manager: &Manager, kind: Kind, after: Option<&str>) -> Result<Vec<Owned>, CtlError> {
        either!(self, engine => engine.owned(manager, kind, after))
    }

    async fn take_lease(&self, lease: &Lease) -> Result<Option<String>, CtlError> {
        either!(self, engine => engine.take_lease(lease))
    }

    async fn give_back(&self, lease: &Lease) -> Result<(), CtlError> {
        either!(self, engine => engine.give_back(lease))
    }
}
