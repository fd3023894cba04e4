//! Which server this is: the query `serverInfo`.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};

use crate::admin::error::failed;
use crate::admin::scalar::DateTime;
use crate::app::App;

/// The server that answers.
#[derive(SimpleObject)]
pub(super) struct ServerInfo {
    version: &'static str,
    issuer: String,
    /// `sqlite` or `postgres`.
    database: &'static str,
    /// Number of the newest schema step that the database has taken.
    schema_version: String,
    signing_algorithm: &'static str,
    started_at: DateTime,
}

/// Queries about the server.
#[derive(Default)]
pub(super) struct ServerInfoQuery;

#[Object]
impl ServerInfoQuery {
    /// The server that answers.
    async fn server_info(&self, context: &Context<'_>) -> Result<ServerInfo> {
        let app = context.data::<Arc<App>>()?;
        let schema = app.store.schema_status().await.map_err(|error| failed(context, &error))?;
        Ok(ServerInfo {
            version: env!("CARGO_PKG_VERSION"),
            issuer: app.config.server.public_base_url.to_string(),
            database: app.store.backend(),
            schema_version: schema.version().to_owned(),
            signing_algorithm: app.keyring.algorithm().as_str(),
            started_at: DateTime(app.started_at),
        })
    }
}
