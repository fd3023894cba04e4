//! Users whose password is still one that guides and templates show.
//!
//! What a file declared is known by its fingerprint, which costs a microsecond to compare; only who has a sample's
//! fingerprint is verified with Argon2, because they may have chosen another password since.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::UserId;
use crate::password::{HashingError, PasswordHash, PasswordHasher};
use crate::reconcile::ReconcileError;
use crate::secret::Secret;
use crate::store::Store;

/// Passwords that documentation shows.
const SAMPLES: [&str; 6] =
    ["CHANGE-ME-IN-PRODUCTION", "service-account-password", "CHANGE-ME", "change-me", "CHANGEME", "changeme"];

/// The most that are verified: whoever has more has one problem, not many.
const MOST: usize = 20;

/// How many users are read at once.
const PAGE: u64 = 1000;

/// Returns the fingerprint of a declared secret: bound to its owner and to the root key.
pub(super) fn fingerprint(key: &hmac::Key, id: &str, secret: &str) -> String {
    let mut context = hmac::Context::with_key(key);
    context.update(id.as_bytes());
    context.update(&[0]);
    context.update(secret.as_bytes());
    URL_SAFE_NO_PAD.encode(context.sign())
}

/// Returns the names of users whose password is a sample; at most [`MOST`]. `key` is derived from the root key for
/// [`Purpose::PasswordFingerprint`](crate::keyring::Purpose::PasswordFingerprint).
///
/// # Errors
/// When the database does not answer or Argon2 fails.
pub async fn sample_passwords(
    store: &Store,
    hasher: &PasswordHasher,
    key: &[u8; 32],
) -> Result<Vec<String>, ReconcileError> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut found = Vec::new();
    let mut after: Option<UserId> = None;
    loop {
        let page = store.users().with_declared_password(PAGE, after.as_ref()).await?;
        for (id, name, declared, hash) in &page {
            let is_declared = |sample: &&str| fingerprint(&key, id.as_str(), sample) == *declared;
            let Some(sample) = SAMPLES.into_iter().find(is_declared) else { continue };
            if found.len() < MOST && verifies(hasher, sample, hash).await? {
                found.push(name.clone());
            }
        }
        let Some((last, ..)) = page.last().filter(|_| page.len() as u64 == PAGE && found.len() < MOST) else { break };
        after = Some(last.clone());
    }
    found.sort_unstable();
    Ok(found)
}

async fn verifies(hasher: &PasswordHasher, sample: &str, hash: &PasswordHash) -> Result<bool, HashingError> {
    hasher.verify(&Secret::new(sample), Some(hash)).await
}
