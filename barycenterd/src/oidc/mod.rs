//! The protocol: one file per endpoint, named by its specification.
//!
//! | path | method | file | specification |
//! |---|---|---|---|
//! | `/.well-known/openid-configuration` | GET | `discovery.rs` | OpenID Connect Discovery 4 |
//! | `/.well-known/oauth-authorization-server` | GET | `discovery.rs` | RFC 8414 3 |
//! | `/.well-known/jwks.json` | GET | `jwks.rs` | RFC 7517 5 |
//! | `/par` | POST | `pushed_authorization.rs` | RFC 9126 2 |
//! | `/authorize` | GET, POST | `authorize/` | OpenID Connect Core 3.1.2, RFC 6749 4.1.1, RFC 9207 |
//! | `/authorize/resume` | GET | `authorize/` | where pages send the browser back to |
//! | `/token` | POST | `token.rs`, `grant_type/` | OpenID Connect Core 3.1.3, RFC 6749 3.2 |
//! | `/userinfo` | GET, POST | `userinfo.rs` | OpenID Connect Core 5.3 |
//! | `/introspect` | POST | `introspection.rs` | RFC 7662 |
//! | `/revoke` | POST | `revocation.rs` | RFC 7009 |
//! | `/device_authorization` | POST | `device_authorization.rs` | RFC 8628 3.1 |
//! | `/connect/register` | POST | `registration.rs` | RFC 7591, OpenID Connect Dynamic Client Registration |
//! | `/connect/register/:client_id` | GET, PUT, DELETE | `registration.rs` | RFC 7592 |
//! | `/logout` | GET, POST | `end_session.rs` | OpenID Connect RP-Initiated Logout, Front-Channel Logout |
//! | a client's own | POST, by us | `backchannel_logout.rs` | OpenID Connect Back-Channel Logout |
//!
//! The pages that these lead to stand in [`crate::browser`]. Everything lies under the path of
//! `server.public_base_url`, if it has one.

mod access_token;
pub mod authorize;
mod back_channel;
pub(crate) mod backchannel_logout;
mod claims;
mod client_assertion;
mod client_authentication;
mod client_jwt;
mod client_keys;
mod device_authorization;
mod discovery;
mod dpop;
mod end_session;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod grant_type;
mod hint;
mod id_token;
mod introspection;
mod issue;
mod jwks;
mod machine;
mod parameters;
mod pushed_authorization;
mod registration;
mod revocation;
mod signature;
mod subject;
mod token;
mod userinfo;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use poem::http::{HeaderName, Method, header};
use poem::middleware::Cors;
use poem::{Endpoint, EndpointExt as _, IntoEndpoint as _, Route, get, post};

use crate::app::App;
use crate::{browser, health};

pub use client_keys::ClientKeys;
pub use machine::openapi_spec;
pub use parameters::Parameters;
pub use subject::Subjects;

pub(crate) use discovery::Metadata;
pub(crate) use error::{DisplayedError, ErrorCode};

/// Returns the public server without its socket.
pub fn public_app(app: &Arc<App>) -> impl Endpoint + use<> {
    let base = app.config.server.public_base_url.path().to_owned();
    let machine = Arc::new(machine::service(app).with(cors()));
    let mut own = Route::new()
        .at("/", get(browser::home::show))
        .at("/par", post(pushed_authorization::serve).with(cors()))
        .at("/authorize", get(authorize::start_by_query).post(authorize::start_by_form))
        .at("/authorize/resume", get(authorize::resume))
        .at("/login", get(browser::login::show).post(browser::login::submit))
        .at("/consent", get(browser::consent::show).post(browser::consent::submit))
        .at("/device", get(browser::device::show).post(browser::device::submit))
        .at("/register", get(browser::register::show).post(browser::register::submit))
        .at("/logout", get(end_session::by_query).post(end_session::by_form))
        .at("/assets/:name", get(browser::assets::serve));
    for path in machine::paths() {
        own = own.at(path, Arc::clone(&machine));
    }
    // RFC 8414 section 3.1 puts the well-known name before the issuer's path, OpenID Connect Discovery behind it.
    let mut routes = Route::new().at("/livez", get(health::livez)).at("/readyz", get(health::readyz));
    routes = if base.is_empty() {
        routes.nest_no_strip("/", own)
    } else {
        routes.at(format!("/.well-known/oauth-authorization-server{base}"), get(discovery::by_rfc_8414)).nest(base, own)
    };
    let keeper = Arc::clone(app);
    routes
        .catch_all_error(browser::error_page)
        .data(Arc::clone(app))
        .before(move |request| {
            let app = Arc::clone(&keeper);
            // Whoever was stopped for a while looks at the keyring before it signs or publishes anything.
            async move {
                app.keyring.freshen(app.now()).await;
                Ok(request)
            }
        })
        .into_endpoint()
}

/// Browsers of any origin may call what needs no cookie (single-page applications are public clients).
fn cors() -> Cors {
    Cors::new()
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, HeaderName::from_static("dpop")])
        .expose_headers([header::WWW_AUTHENTICATE, header::RETRY_AFTER])
        .allow_credentials(false)
        .max_age(3600)
}
