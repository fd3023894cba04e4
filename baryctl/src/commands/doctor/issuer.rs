//! What can be seen of the issuer from here: discovery, certificate, clock, and the keys that it publishes.
//!
//! One request for the discovery document and one for the JWKS; everything else is judged from these two answers. That
//! the issuer cannot be reached from here is a warning: relying parties are elsewhere, and so may be the way to it.

use std::path::Path;
use std::time::{Duration, Instant};

use barycenter_core::doctor::{self, Finding};
use barycenter_core::model::Timestamp;
use reqwest::header::DATE;
use reqwest::tls::TlsInfo;
use reqwest::{Client, Response};
use serde_json::Value;
use url::Url;

use crate::admin_api::connection::{client, innermost};
use crate::commands::doctor::certificate::not_after;
use crate::error::CtlError;
use crate::settings::is_loopback;
use crate::target::answer::Check;
use crate::target::upkeep::milliseconds;

/// How long one answer may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// How far two clocks may be apart, in seconds.
const SKEW: i64 = 5;
/// Beyond this, relying parties refuse tokens.
const MOST_SKEW: i64 = 60;

/// For how many days a certificate should still be valid.
const DAYS: i64 = 14;

/// The longest document that is read.
const MOST_BYTES: usize = 1 << 20;

/// What is checked here.
pub(super) const IDS: [&str; 4] = ["keys.published", "issuer.discovery", "issuer.certificate", "issuer.clock"];

/// An answer, as far as it matters.
pub(super) struct Seen {
    status: u16,
    date: Option<Timestamp>,
    certificate: Option<Vec<u8>>,
    document: Value,
}

/// Why there is no answer.
pub(super) struct Unseen {
    why: String,
    /// Whether the certificate is what stands in the way.
    untrusted: bool,
}

#[cfg(test)]
impl Unseen {
    pub(super) fn untrusted(why: &str) -> Self {
        Self { why: why.to_owned(), untrusted: true }
    }
}

/// Looks at the issuer.
///
/// # Errors
/// When TLS cannot be set up, or the CA file cannot be read.
pub(super) async fn look(
    issuer: &str,
    active: &[String],
    ca_file: Option<&Path>,
    now: Timestamp,
) -> Result<Vec<Check>, CtlError> {
    let Ok(url) = Url::parse(issuer) else { return Ok(Vec::new()) };
    let http = client(&url, ca_file, DEADLINE)?;
    let started = Instant::now();
    let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let seen = get(&http, &address).await;
    let took = milliseconds(started.elapsed());
    let started = Instant::now();
    let published = match &seen {
        Ok(seen) => published(&http, seen, active).await,
        Err(_) => Finding::skipped("the issuer does not answer from here"),
    };
    let check = |id, finding, took_ms| Check::from(doctor::Check { id, finding, took_ms });
    Ok(vec![
        check("keys.published", published, milliseconds(started.elapsed())),
        check("issuer.discovery", discovery(issuer, &seen), took),
        check("issuer.certificate", certificate(&url, &seen, now), took),
        check("issuer.clock", clock(&seen, now), took),
    ])
}

async fn get(http: &Client, address: &str) -> Result<Seen, Unseen> {
    let failed = |error: reqwest::Error| {
        let why = innermost(&error);
        let untrusted = why.contains("certificate");
        Unseen {
            why: if error.is_timeout() { format!("no answer within {} s", DEADLINE.as_secs()) } else { why },
            untrusted,
        }
    };
    let mut response = http.get(address).timeout(DEADLINE).send().await.map_err(failed)?;
    let date = response.headers().get(DATE).and_then(|date| date.to_str().ok()).and_then(Timestamp::from_http_date);
    let certificate = peer(&response);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST_BYTES {
            break;
        }
    }
    let document = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Ok(Seen { status: response.status().as_u16(), date, certificate, document })
}

fn peer(response: &Response) -> Option<Vec<u8>> {
    Some(response.extensions().get::<TlsInfo>()?.peer_certificate()?.to_owned())
}

fn discovery(issuer: &str, seen: &Result<Seen, Unseen>) -> Finding {
    let proxy = "does a proxy lead to another deployment, or is server.public_base_url wrong?";
    match seen {
        Err(Unseen { why, .. }) => Finding::warning(
            format!("{issuer} cannot be reached from here: {why}"),
            "is it reachable for relying parties? look from where they are",
        ),
        Ok(Seen { status, .. }) if *status != 200 => {
            Finding::failed(format!("{issuer} answers {status} to /.well-known/openid-configuration"), proxy)
        }
        Ok(Seen { document, .. }) => match document.get("issuer").and_then(Value::as_str) {
            Some(found) if found == issuer => Finding::ok(format!("{issuer} answers with the same issuer")),
            Some(found) => Finding::failed(format!("{issuer} answers with another issuer: {found}"), proxy),
            None => Finding::failed(format!("{issuer} answers something that is no discovery document"), proxy),
        },
    }
}

pub(super) fn certificate(url: &Url, seen: &Result<Seen, Unseen>, now: Timestamp) -> Finding {
    if url.scheme() != "https" {
        let why = if is_loopback(url) { "http on this machine" } else { "http has none" };
        return Finding::skipped(why);
    }
    let renew = "renew the certificate; with cert-manager: kubectl -n barycenter describe certificate";
    match seen {
        Err(Unseen { why, untrusted: true }) => {
            Finding::failed(why, "renew it, or name the authority that signed it: --ca-file FILE")
        }
        Err(_) => Finding::skipped("the issuer does not answer from here"),
        Ok(Seen { certificate, .. }) => {
            let Some(end) = certificate.as_deref().and_then(not_after) else {
                return Finding::skipped("it cannot be read");
            };
            let days = end.since(now).div_euclid(86_400);
            match days {
                ..0 => Finding::failed(format!("has been invalid since {end}"), renew),
                0..DAYS => Finding::warning(format!("is valid for {days} more days only, until {end}"), renew),
                _ => Finding::ok(format!("trusted, and valid until {end}")),
            }
        }
    }
}

fn clock(seen: &Result<Seen, Unseen>, now: Timestamp) -> Finding {
    let Ok(Seen { date, .. }) = seen else { return Finding::skipped("the issuer does not answer from here") };
    let Some(date) = date else { return Finding::skipped("its answers have no date") };
    let apart = now.since(*date);
    let told = format!("{} s {} this machine's", apart.abs(), if apart > 0 { "behind" } else { "ahead of" });
    let fix = "synchronise both clocks (NTP): relying parties refuse tokens from the future or of the past";
    match apart.abs() {
        0..=SKEW => Finding::ok("as this machine's"),
        ..=MOST_SKEW => Finding::warning(told, fix),
        _ => Finding::failed(told, fix),
    }
}

/// Looks for the keys that sign among those that relying parties see.
async fn published(http: &Client, seen: &Seen, active: &[String]) -> Finding {
    if active.is_empty() {
        return Finding::skipped("no key signs");
    }
    let Some(address) = seen.document.get("jwks_uri").and_then(Value::as_str) else {
        return Finding::skipped("the discovery document names no jwks_uri");
    };
    match get(http, address).await {
        Ok(Seen { status: 200, document, .. }) => among(&document, address, active),
        Ok(Seen { status, .. }) => Finding::failed(
            format!("{address} answers {status}"),
            "relying parties need it: look at the proxy in front",
        ),
        Err(Unseen { why, .. }) => Finding::warning(
            format!("{address} cannot be reached from here: {why}"),
            "look from where relying parties are",
        ),
    }
}

fn among(jwks: &Value, address: &str, active: &[String]) -> Finding {
    let keys = || jwks.get("keys").and_then(Value::as_array).into_iter().flatten();
    let is_there = |kid: &&String| keys().any(|key| key.get("kid").and_then(Value::as_str) == Some(kid.as_str()));
    match active.iter().find(|kid| !is_there(kid)) {
        None => Finding::ok(format!("{} in {address}", active.join(", "))),
        Some(kid) => Finding::failed(
            format!("{kid} signs and is not in {address}: relying parties refuse its tokens"),
            "does a cache stand in front, or does the issuer lead to another deployment?",
        ),
    }
}

#[cfg(test)]
mod tests {
    use barycenter_core::doctor::Status;
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);
    const ISSUER: &str = "https://auth.example.com";

    fn seen(document: Value) -> Result<Seen, Unseen> {
        Ok(Seen { status: 200, date: Some(NOW), certificate: None, document })
    }

    fn unseen(why: &str) -> Result<Seen, Unseen> {
        Err(Unseen { why: why.to_owned(), untrusted: why.contains("certificate") })
    }

    #[test]
    fn discovery_names_the_same_issuer() {
        assert_eq!(discovery(ISSUER, &seen(json!({ "issuer": ISSUER }))).status, Status::Ok);
        let other = discovery(ISSUER, &seen(json!({ "issuer": "https://other.example.com" })));
        assert_eq!(other.status, Status::Failed);
        assert!(other.message.ends_with("another issuer: https://other.example.com"), "{}", other.message);
        assert_eq!(discovery(ISSUER, &seen(json!("<html>"))).status, Status::Failed);
        let error = Ok(Seen { status: 502, date: None, certificate: None, document: Value::Null });
        assert!(discovery(ISSUER, &error).message.contains("answers 502"));
    }

    #[test]
    fn an_issuer_that_is_not_reached_from_here_is_a_warning() {
        let away = unseen("connection refused");
        assert_eq!(discovery(ISSUER, &away).status, Status::Warning);
        let url = Url::parse(ISSUER).unwrap();
        assert_eq!(certificate(&url, &away, NOW).status, Status::Skipped);
        assert_eq!(clock(&away, NOW).status, Status::Skipped);
        let expired = certificate(&url, &unseen("invalid peer certificate: Expired"), NOW);
        assert_eq!(expired.status, Status::Failed);
    }

    #[test]
    fn clocks_that_are_apart_are_told() {
        let at = |seconds: i64| {
            let seen =
                Ok(Seen { status: 200, date: Some(NOW.plus(seconds)), certificate: None, document: Value::Null });
            clock(&seen, NOW)
        };
        assert_eq!(at(-3).status, Status::Ok);
        assert_eq!(
            at(-30),
            Finding { status: Status::Warning, message: "30 s behind this machine's".to_owned(), ..at(-30) }
        );
        assert_eq!(
            at(90),
            Finding { status: Status::Failed, message: "90 s ahead of this machine's".to_owned(), ..at(90) }
        );
    }

    #[test]
    fn a_key_that_signs_is_published() {
        let jwks = json!({ "keys": [{ "kid": "k1" }, { "kid": "k2" }] });
        assert_eq!(among(&jwks, "u", &["k1".to_owned()]).status, Status::Ok);
        assert_eq!(among(&jwks, "u", &["k1".to_owned(), "k3".to_owned()]).status, Status::Failed);
        assert_eq!(among(&json!([]), "u", &["k1".to_owned()]).status, Status::Failed);
    }
}
