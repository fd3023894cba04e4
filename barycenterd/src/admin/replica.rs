//! Replicas: the query `replicas`, the daemons that serve this deployment.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use barycenter_core::model;

use crate::admin::error::failed;
use crate::admin::scalar::DateTime;
use crate::app::App;

/// A running daemon of this deployment.
#[derive(SimpleObject)]
pub(super) struct Replica {
    /// Names this process, and no other before or after it.
    id: ID,
    /// The host, and the process on it.
    name: String,
    version: String,
    /// Names its root key without telling anything of it: replicas of one deployment have the same.
    root_key: String,
    /// Number of the newest schema step that it knows.
    schema_version: String,
    issuer: String,
    /// Where its public listener is.
    public_address: Option<String>,
    started_at: DateTime,
    /// When it was last heard of.
    seen_at: DateTime,
    /// Whether it was heard of lately.
    present: bool,
    /// Whether it is the one that answers.
    answering: bool,
}

impl Replica {
    fn new(replica: model::Replica, app: &App) -> Self {
        Self {
            present: replica.is_present(app.now()),
            answering: replica.id == app.replica.id,
            id: replica.id.into(),
            name: replica.name,
            version: replica.version,
            root_key: replica.root,
            schema_version: replica.schema,
            issuer: replica.issuer,
            public_address: replica.public_address,
            started_at: DateTime(replica.started_at),
            seen_at: DateTime(replica.seen_at),
        }
    }
}

/// Queries about replicas.
#[derive(Default)]
pub(super) struct ReplicaQuery;

#[Object]
impl ReplicaQuery {
    /// The daemons that serve this deployment, and for some minutes those that have died.
    #[graphql(complexity = "50 + child_complexity")]
    async fn replicas(&self, context: &Context<'_>) -> Result<Vec<Replica>> {
        let app = context.data::<Arc<App>>()?;
        let replicas = app.store.replicas().all().await.map_err(|error| failed(context, &error))?;
        Ok(replicas.into_iter().map(|replica| Replica::new(replica, app)).collect())
    }
}
