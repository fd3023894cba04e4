//! Checks of the root key and the keyring.

use std::fs;
use std::io::ErrorKind;

use serde_json::{Value, json};

use crate::config::Config;
use crate::doctor::database::asking;
use crate::doctor::{Finding, Subject};
use crate::keyring::{self, KeyringError, RootInspection};
use crate::model::{SigningAlgorithm, SigningKey, SigningKeyState, Timestamp};

const DAY: i64 = 86_400;

/// How long a key may wait to begin to sign.
const MOST_PENDING: i64 = DAY + DAY / 2;

/// How old a key that signs may be.
const MOST_AGE: i64 = 365 * DAY;

pub(super) async fn root(config: &Config) -> Finding {
    let path = &config.keys.private_key_path;
    match RootInspection::load(path) {
        Ok(Some(root)) => {
            let user = keyring::user().unwrap_or(root.owner);
            private(root.mode, root.owner, user, &path.display().to_string())
        }
        Ok(None) => Finding::warning(
            format!("there is none yet at {}", path.display()),
            "the first start of barycenterd makes it; if this deployment has run before, mount its key there",
        ),
        Err(error) => {
            Finding::failed(error.to_string(), "mend the file, or restore it from a backup; it is never made anew")
        }
    }
}

/// Judges who may read the root key. Group bits come with fsGroup on a volume; root owns what Secrets hold.
fn private(mode: u32, owner: u32, user: u32, path: &str) -> Finding {
    if keyring::is_open_to_its_group(mode, owner, user) {
        return Finding::warning(
            format!("{path} is open to its group (mode {mode:04o})"),
            "chmod 600, or defaultMode: 0400 on the mounted Secret (0440 with fsGroup)",
        );
    }
    if owner != user && owner != 0 && user != 0 {
        return Finding::warning(
            format!("{path} belongs to user {owner}, and this is user {user}"),
            "give it to the user of the daemon (chown)",
        );
    }
    Finding::ok(format!("{path} (mode {mode:04o}, user {owner})"))
}

pub(super) async fn keyring(subject: &Subject<'_>) -> Finding {
    let path = &subject.config.keys.private_key_path;
    asking(subject, |store| async move {
        let keys = store.signing_keys().all().await?;
        if keys.is_empty() {
            return Ok(Finding::skipped("there are no signing keys before the first start"));
        }
        let opened = match RootInspection::load(path) {
            Ok(None) => Err(KeyringError::RootMissing {
                path: path.clone(),
                expected: keys.first().map(|key| key.root.clone()).unwrap_or_default(),
            }),
            Ok(Some(root)) => root.open_all(&keys),
            Err(_) => return Ok(Finding::skipped("the root key cannot be used")),
        };
        Ok(match opened {
            Ok(()) => Finding::ok("the root key opens it"),
            Err(error) => Finding::failed(error.to_string(), "mount the root key that belongs to this database"),
        })
    })
    .await
}

pub(super) async fn active(subject: &Subject<'_>) -> Finding {
    let algorithm = subject.config.keys.alg;
    asking(subject, |store| async move { Ok(signing(&store.signing_keys().all().await?, algorithm)) }).await
}

fn signing(keys: &[SigningKey], algorithm: SigningAlgorithm) -> Finding {
    let active = || keys.iter().filter(|key| key.state == SigningKeyState::Active);
    let names = |key: &SigningKey| format!("{} ({})", key.kid, key.algorithm);
    if active().any(|key| key.algorithm == algorithm) {
        return Finding::ok(format!("{} signs", active().map(names).collect::<Vec<_>>().join(", ")));
    }
    if keys.is_empty() {
        return Finding::failed(
            "no key signs: nobody gets a token",
            "start barycenterd, which makes one; its log says why it could not",
        );
    }
    Finding::failed(
        format!("no key signs with {algorithm} (keys.alg)"),
        "baryctl keys list; a start of barycenterd makes one",
    )
}

pub(super) async fn pending(subject: &Subject<'_>) -> Finding {
    let now = subject.now;
    asking(subject, |store| async move { Ok(waiting(&store.signing_keys().all().await?, now)) }).await
}

fn waiting(keys: &[SigningKey], now: Timestamp) -> Finding {
    let pending = keys.iter().filter(|key| key.state == SigningKeyState::Pending);
    let late = pending.clone().find(|key| now.since(key.created_at) > MOST_PENDING);
    match (late, pending.count()) {
        (Some(key), _) => Finding::warning(
            format!("{} has been waiting for {} to begin to sign", key.kid, age(now.since(key.created_at))),
            "does a daemon run? it puts the key to work",
        ),
        (None, 0) => Finding::ok("none waits"),
        (None, count) => Finding::ok(format!("{count} published, and will sign soon")),
    }
}

pub(super) async fn age_of_active(subject: &Subject<'_>) -> Finding {
    let now = subject.now;
    asking(subject, |store| async move { Ok(ages(&store.signing_keys().all().await?, now)) }).await
}

fn ages(keys: &[SigningKey], now: Timestamp) -> Finding {
    let since = |key: &SigningKey| now.since(key.activated_at.unwrap_or(key.created_at));
    let oldest = keys.iter().filter(|key| key.state == SigningKeyState::Active).max_by_key(|key| since(key));
    match oldest {
        None => Finding::skipped("no key signs"),
        Some(key) if since(key) > MOST_AGE => {
            Finding::warning(format!("{} has been signing for {}", key.kid, age(since(key))), "baryctl keys rotate")
        }
        Some(key) => Finding::ok(format!("{} has been signing for {}", key.kid, age(since(key)))),
    }
}

/// `3 h`, `187 d`.
fn age(seconds: i64) -> String {
    match seconds {
        ..3600 => format!("{} min", seconds.max(0) / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / DAY),
    }
}

pub(super) async fn mirror(subject: &Subject<'_>) -> Finding {
    let path = &subject.config.keys.jwks_path;
    // Who writes it knows best.
    if let Some(fault) = &subject.mirror_fault {
        return Finding::failed(
            fault.clone(),
            "is there room, and is the folder writable? the daemon tries again by itself",
        );
    }
    asking(subject, |store| async move {
        let keys = store.signing_keys().all().await?;
        if keys.is_empty() {
            return Ok(Finding::skipped("there are no signing keys before the first start"));
        }
        let name = path.display();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Finding::warning(
                    format!("{name} does not exist"),
                    "is its folder there and writable? the daemon writes it",
                ));
            }
            Err(error) => {
                return Ok(Finding::warning(format!("{name} cannot be read: {error}"), "give it mode 0644"));
            }
        };
        Ok(if published_kids(&text) == kids(&keys) {
            Finding::ok(format!("{name} holds what is published"))
        } else {
            Finding::warning(
                format!("{name} does not hold what is published"),
                "is there room, and is the folder writable? the daemon writes it at every change of the keys",
            )
        })
    })
    .await
}

/// Returns the `kid`s of a JWK Set in order.
fn published_kids(jwks: &str) -> Vec<Value> {
    let jwks: Value = serde_json::from_str(jwks).unwrap_or_default();
    let mut kids: Vec<Value> =
        jwks.get("keys").and_then(Value::as_array).into_iter().flatten().map(|key| key["kid"].clone()).collect();
    kids.sort_by_key(ToString::to_string);
    kids
}

fn kids(keys: &[SigningKey]) -> Vec<Value> {
    let mut kids: Vec<Value> =
        keys.iter().filter(|key| key.state.is_published()).map(|key| json!(key.kid.as_str())).collect();
    kids.sort_by_key(ToString::to_string);
    kids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;
    use crate::model::KeyId;

    const NOW: Timestamp = Timestamp::from_unix(1_795_431_600);

    fn key(state: SigningKeyState, days: i64) -> SigningKey {
        SigningKey {
            kid: KeyId::new("k1".to_owned()),
            algorithm: SigningAlgorithm::Es256,
            state,
            jwk: "{}".to_owned(),
            wrapped: String::new(),
            root: String::new(),
            created_at: NOW.plus(-days * DAY),
            activates_at: None,
            activated_at: (state == SigningKeyState::Active).then_some(NOW.plus(-days * DAY)),
            retiring_at: None,
            verifies_until: None,
            retired_at: None,
            lifetime: 0,
        }
    }

    #[test]
    fn a_key_signs_with_the_configured_algorithm() {
        let keys = [key(SigningKeyState::Active, 3)];
        assert_eq!(signing(&keys, SigningAlgorithm::Es256).message, "k1 (ES256) signs");
        assert_eq!(signing(&keys, SigningAlgorithm::Rs256).status, Status::Failed);
        assert_eq!(signing(&[], SigningAlgorithm::Rs256).status, Status::Failed);
        assert_eq!(signing(&[key(SigningKeyState::Retiring, 3)], SigningAlgorithm::Es256).status, Status::Failed);
    }

    #[test]
    fn keys_that_wait_or_sign_for_too_long_are_named() {
        assert_eq!(waiting(&[key(SigningKeyState::Pending, 1)], NOW).status, Status::Ok);
        let late = waiting(&[key(SigningKeyState::Pending, 3)], NOW);
        assert_eq!(
            (late.status, late.message.as_str()),
            (Status::Warning, "k1 has been waiting for 3 d to begin to sign")
        );
        assert_eq!(ages(&[key(SigningKeyState::Active, 187)], NOW).message, "k1 has been signing for 187 d");
        assert_eq!(ages(&[key(SigningKeyState::Active, 400)], NOW).status, Status::Warning);
        assert_eq!(ages(&[], NOW).status, Status::Skipped);
    }

    #[test]
    fn the_root_key_is_its_owners() {
        assert_eq!(private(0o600, 10_001, 10_001, "k").status, Status::Ok);
        assert_eq!(private(0o400, 0, 10_001, "k").status, Status::Ok, "a Secret");
        assert_eq!(private(0o440, 0, 10_001, "k").status, Status::Ok, "a Secret with fsGroup");
        assert_eq!(private(0o460, 0, 10_001, "k").status, Status::Warning, "its group may write");
        assert_eq!(private(0o440, 0, 0, "k").status, Status::Warning, "root needs no group");
        assert_eq!(private(0o640, 10_001, 10_001, "k").status, Status::Warning, "nor does the owner");
        assert_eq!(private(0o600, 1000, 10_001, "k").status, Status::Warning);
        assert_eq!(private(0o600, 1000, 0, "k").status, Status::Ok, "root looks at the daemon's");
    }
}
