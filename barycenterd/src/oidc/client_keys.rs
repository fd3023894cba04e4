//! Clients' public keys: those that they are registered with, and those that lie at their `jwks_uri`.
//!
//! A fetched set is kept for an hour. A key that is not in it may be new (OpenID Connect Core section 10.1.1), so the
//! set is fetched again, but not more often than every [`PATIENCE`] seconds: an attacker who invents key names must not
//! make us knock at somebody's door.

use std::collections::HashMap;
use std::sync::Arc;

use barycenter_core::model::{Client, Timestamp};
use jsonwebtoken::jwk::Jwk;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use crate::app::App;
use crate::oidc::client_jwt::{ClientJwt, fits};
use crate::outbound::Outbound;

/// How long a set is kept, in seconds.
const LIFETIME: i64 = 3600;
/// How long a set is not fetched again, whatever is missing in it, in seconds.
const PATIENCE: i64 = 20;
/// The most sets that are kept.
const MOST_SETS: usize = 1000;
/// The most keys that one signature is tried with, where it does not name its key.
const MOST_TRIES: usize = 5;

/// One client's keys, as they were fetched.
struct Fetched {
    keys: Vec<Jwk>,
    at: Timestamp,
}

/// The fetched keys of all clients.
#[derive(Default)]
pub struct ClientKeys {
    /// By address; the inner lock makes everybody wait for the one who fetches.
    sets: std::sync::Mutex<HashMap<String, Arc<Mutex<Option<Fetched>>>>>,
}

impl ClientKeys {
    fn set(&self, address: &str) -> Arc<Mutex<Option<Fetched>>> {
        let mut sets = self.sets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if sets.len() >= MOST_SETS && !sets.contains_key(address) {
            // Who is forgotten is fetched again: nothing but time is lost.
            sets.clear();
        }
        Arc::clone(sets.entry(address.to_owned()).or_default())
    }

    /// Returns the keys at an address, fetched if need be; `wanted` says whether a set holds what is looked for.
    async fn at(
        &self,
        outbound: &Outbound,
        address: &str,
        now: Timestamp,
        wanted: impl Fn(&[Jwk]) -> bool,
    ) -> Vec<Jwk> {
        let set = self.set(address);
        let mut set = set.lock().await;
        let age = set.as_ref().map(|set| now.since(set.at));
        let missing = set.as_ref().is_none_or(|set| !wanted(&set.keys));
        let due = age.is_none_or(|age| age >= LIFETIME || (missing && age >= PATIENCE));
        if due {
            match fetch(outbound, address).await {
                Ok(keys) => *set = Some(Fetched { keys, at: now }),
                Err(reason) => {
                    tracing::warn!(address, reason, "a client's keys could not be fetched");
                    // The old ones stay; the next attempt waits its turn.
                    let keys = set.take().map(|set| set.keys).unwrap_or_default();
                    *set = Some(Fetched { keys, at: now });
                }
            }
        }
        set.as_ref().map(|set| set.keys.clone()).unwrap_or_default()
    }
}

/// Fetches a JWK Set.
async fn fetch(outbound: &Outbound, address: &str) -> Result<Vec<Jwk>, String> {
    let url = Url::parse(address).map_err(|error| error.to_string())?;
    let accepted = "application/jwk-set+json, application/json";
    let answer = outbound.get(&url, accepted).await.map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(format!("the answer is {}", answer.status));
    }
    let set: Value = serde_json::from_slice(&answer.body).map_err(|_| "the answer is not JSON".to_owned())?;
    Ok(keys_of(&set))
}

/// Returns the keys of a set that we understand; others may be for somebody else (RFC 7517 section 5).
fn keys_of(set: &Value) -> Vec<Jwk> {
    let keys = set.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    keys.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect()
}

/// Returns whether one of the client's own keys has signed this JWT.
pub(super) async fn has_signed(app: &App, client: &Client, jwt: &ClientJwt<'_>) -> bool {
    let candidate = |key: &&Jwk| {
        fits(key, jwt.algorithm()) && jwt.kid().is_none_or(|kid| key.common.key_id.as_deref() == Some(kid))
    };
    let keys = match (&client.metadata.jwks, &client.metadata.jwks_uri) {
        (Some(set), _) => keys_of(set),
        (None, Some(address)) => {
            let wanted = |keys: &[Jwk]| keys.iter().any(|key| candidate(&key));
            app.client_keys.at(&app.outbound, address, app.now(), wanted).await
        }
        (None, None) => return false,
    };
    keys.iter().filter(candidate).take(MOST_TRIES).any(|key| jwt.is_signed_by(key))
}
