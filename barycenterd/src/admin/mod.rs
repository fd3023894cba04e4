//! The admin listener: GraphQL for operators and for `baryctl`.
//!
//! | path | method | file | who may |
//! |---|---|---|---|
//! | `/admin/graphql` | POST, `application/json` | `graphql.rs` | who has the admin token |
//! | `/admin/playground` | GET | `playground.rs` | everybody: it shows nothing until a token is entered |
//! | `/livez`, `/readyz` | GET | `crate::health` | everybody |
//!
//! One file a noun: its type, queries and mutations. No cookies, so no request forgery; nothing of a request is
//! parsed before its token has been checked (`operator.rs`), and nothing is executed that `limits.rs` finds too big.

mod client;
mod doctor;
mod error;
mod graphql;
mod job;
mod limits;
mod log;
mod operator;
mod playground;
mod registration_token;
mod replica;
mod scalar;
mod selection;
mod server_info;
mod signing_key;
mod sync;
mod user;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use poem::{Endpoint, EndpointExt as _, IntoEndpoint as _, Route, get};

use crate::app::App;
use crate::{health, metrics};

pub use error::ErrorCode;
pub use graphql::sdl;
pub use operator::{AdminToken, TokenError};

/// Returns the admin server without its socket.
pub fn admin_app(app: &Arc<App>, token: AdminToken) -> impl Endpoint + use<> {
    Route::new()
        .at("/livez", get(health::livez))
        .at("/readyz", get(health::readyz))
        .at("/metrics", get(metrics::metrics))
        .at("/admin/graphql", graphql::execute.data(graphql::schema(app)).data(Arc::new(token)))
        .nest("/admin/playground", playground::routes())
        .data(Arc::clone(app))
        .into_endpoint()
}
