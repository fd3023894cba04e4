//! OpenID Connect Back-Channel Logout 1.0: clients that took part in a session are told from server to server when it
//! ends.
//!
//! The messages are written by whatever ends a session (`store::logout`), and delivered here, apart from any request:
//! at once where they come from this process, and otherwise when it is next looked. One that is not taken is tried again
//! for about a day, at growing distances. Each attempt carries a token of its own, good for two minutes (section 2.4).

use std::sync::Arc;
use std::time::Duration;

use barycenter_core::model::{Client, SessionId, Timestamp};
use barycenter_core::secret::random_bytes;
use barycenter_core::store::{LogoutDelivery, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use url::{Url, form_urlencoded};

use crate::app::App;

/// The event that a logout token is about (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How long a logout token is good, in seconds.
const LIFETIME: i64 = 120;

/// How long after each attempt the next one comes, in seconds; after the last one the message is given up.
const PAUSES: [i64; 9] = [10, 30, 120, 600, 1800, 3600, 10_800, 28_800, 43_200];

/// How many messages are on their way at once.
const AT_ONCE: u64 = 20;

/// How often it is looked whether something is due.
const EVERY: Duration = Duration::from_secs(10);

/// Delivers for as long as the daemon runs.
pub(crate) async fn serve(app: Arc<App>) {
    loop {
        // Whoever is woken while it works has its turn in the next round.
        let woken = app.logouts.notified();
        loop {
            match deliver_due(&app).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "messages about ended sessions could not be read");
                    break;
                }
            }
        }
        let _ = tokio::time::timeout(EVERY, woken).await;
    }
}

/// Tries to deliver what is due; returns how many messages it has taken on.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn deliver_due(app: &Arc<App>) -> Result<u64, StoreError> {
    let mut under_way = JoinSet::new();
    let mut taken_on = 0;
    for message in app.store.logouts().due(app.now(), AT_ONCE).await? {
        let pause = usize::try_from(message.attempts).ok().and_then(|attempts| PAUSES.get(attempts));
        let again = app.now().plus(pause.copied().unwrap_or(LIFETIME));
        if app.store.logouts().claim(&message, again).await? {
            taken_on += 1;
            under_way.spawn(attend(Arc::clone(app), message, pause.is_none()));
        }
    }
    while let Some(done) = under_way.join_next().await {
        if let Err(error) = done {
            tracing::error!(%error, "the delivery of a logout token broke down");
        }
    }
    Ok(taken_on)
}

/// Tries one message. When the attempt is the last one, the message goes either way.
async fn attend(app: Arc<App>, message: LogoutDelivery, is_last: bool) {
    let outcome = deliver(&app, &message).await;
    let (client, session, attempt) = (&message.client_id, &message.session_id, message.attempts.saturating_add(1));
    match &outcome {
        Ok(()) => {
            tracing::info!(client_id = %client, sid = %session, attempt, "a client knows that a session has ended")
        }
        Err(reason) if is_last => {
            tracing::error!(client_id = %client, sid = %session, attempt, reason, "a client cannot be told that a session has ended; given up");
        }
        Err(reason) => {
            tracing::warn!(client_id = %client, sid = %session, attempt, reason, "a client could not be told that a session has ended; it is tried again");
        }
    }
    if (outcome.is_ok() || is_last)
        && let Err(error) = app.store.logouts().remove(&message).await
    {
        tracing::warn!(client_id = %client, %error, "a delivered message could not be removed; it comes again");
    }
}

async fn deliver(app: &App, message: &LogoutDelivery) -> Result<(), String> {
    let client = app.store.clients().by_id(&message.client_id).await.map_err(|error| error.to_string())?;
    // A client that is gone, or does not want to know any more, has been told enough.
    let Some(client) = client else { return Ok(()) };
    let Some(address) = &client.metadata.backchannel_logout_uri else { return Ok(()) };
    let address = Url::parse(address).map_err(|error| error.to_string())?;
    let subject = app.subjects.of(&client, &message.user_id);
    let claims = claims(app.config.server.public_base_url.as_str(), &client, &subject, &message.session_id, app.now());
    let token = app.keyring.sign("logout+jwt", &claims).map_err(|error| error.to_string())?;
    let form = form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
    let answer = app.outbound.post_form(&address, form).await.map_err(|error| error.to_string())?;
    match answer.status {
        200..=299 => Ok(()),
        status => Err(format!("the answer is {status}")),
    }
}

/// The claims of a logout token (section 2.4); never a nonce.
fn claims(issuer: &str, client: &Client, subject: &str, session: &SessionId, now: Timestamp) -> Value {
    json!({
        "iss": issuer,
        "aud": client.id,
        "sub": subject,
        "sid": session,
        "iat": now,
        "exp": now.plus(LIFETIME),
        "jti": URL_SAFE_NO_PAD.encode(random_bytes::<16>()),
        "events": { EVENT: {} },
    })
}
