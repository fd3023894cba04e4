//! Private halves as the database holds them: AES-256-GCM under a key derived from the root key, bound to their `kid`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::keyring::KeyringError;
use crate::keyring::private_key::PrivateKey;
use crate::keyring::root::{Derivation, Purpose, RootKey};
use crate::model::{KeyId, SigningKey, SigningKeyState, Timestamp};
use crate::secret::random_bytes;

/// What the derivation secret is bound to, where keys are bound to their `kid`.
const DERIVATION: &str = "barycenter derivation";

fn cipher(root: &RootKey) -> Result<LessSafeKey, KeyringError> {
    let key = root.own.derive(Purpose::Keyring)?;
    UnboundKey::new(&AES_256_GCM, &*key).map(LessSafeKey::new).map_err(|_| KeyringError::Cryptography)
}

/// Encrypts: nonce, ciphertext and tag, base64url.
fn seal(root: &RootKey, bound_to: &str, secret: &[u8]) -> Result<String, KeyringError> {
    let mut sealed = secret.to_vec();
    let nonce: [u8; 12] = random_bytes();
    cipher(root)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound_to.as_bytes()), &mut sealed)
        .map_err(|_| KeyringError::Cryptography)?;
    Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
}

/// Decrypts; `None` if it is damaged, or bound to something else.
fn unseal(root: &RootKey, bound_to: &str, text: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
    let cipher = cipher(root)?;
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) else { return Ok(None) };
    let Some((nonce, sealed)) = bytes.split_first_chunk::<12>() else { return Ok(None) };
    let mut sealed = Zeroizing::new(sealed.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let opened = cipher.open_in_place(nonce, Aad::from(bound_to.as_bytes()), &mut sealed);
    Ok(opened.ok().map(|opened| Zeroizing::new(opened.to_vec())))
}

/// Returns a new key as the store holds it, pending; it may sign from `activates_at` on.
pub(super) fn wrap(
    root: &RootKey,
    key: &PrivateKey,
    kid: Option<KeyId>,
    now: Timestamp,
    activates_at: Timestamp,
) -> Result<SigningKey, KeyringError> {
    let (thumbprint, mut jwk) = key.public_jwk().map_err(|_| KeyringError::Cryptography)?;
    let kid = kid.unwrap_or(thumbprint);
    if let Some(member) = jwk.get_mut("kid") {
        *member = kid.as_str().into();
    }
    let private = key.to_pkcs8().map_err(|_| KeyringError::Cryptography)?;
    Ok(SigningKey {
        algorithm: key.algorithm(),
        state: SigningKeyState::Pending,
        jwk: jwk.to_string(),
        wrapped: seal(root, kid.as_str(), &private)?,
        root: root.fingerprint()?,
        lifetime: 0,
        created_at: now,
        activates_at: Some(activates_at),
        activated_at: None,
        retiring_at: None,
        verifies_until: None,
        retired_at: None,
        kid,
    })
}

/// Decrypts a key's private half.
pub(super) fn unwrap(root: &RootKey, stored: &SigningKey) -> Result<PrivateKey, KeyringError> {
    let damaged =
        || KeyringError::Key { kid: stored.kid.clone(), reason: "the wrapped private half is damaged".to_owned() };
    let opened = unseal(root, stored.kid.as_str(), &stored.wrapped)?.ok_or_else(damaged)?;
    PrivateKey::from_pkcs8(&opened).map_err(|_| damaged())
}

/// Returns a key as it is under another root key.
pub(super) fn rewrap(old: &RootKey, new: &RootKey, stored: &SigningKey) -> Result<SigningKey, KeyringError> {
    let root = new.fingerprint()?;
    if stored.wrapped.is_empty() {
        return Ok(SigningKey { root, ..stored.clone() });
    }
    let private = unwrap(old, stored)?.to_pkcs8().map_err(|_| KeyringError::Cryptography)?;
    Ok(SigningKey { root, wrapped: seal(new, stored.kid.as_str(), &private)?, ..stored.clone() })
}

/// Encrypts the derivation secret.
pub(super) fn wrap_derivation(root: &RootKey, derivation: &Derivation) -> Result<String, KeyringError> {
    seal(root, DERIVATION, derivation.as_bytes())
}

/// Decrypts the derivation secret.
pub(super) fn unwrap_derivation(root: &RootKey, text: &str) -> Result<Derivation, KeyringError> {
    unseal(root, DERIVATION, text)?.map(Derivation::from_kept).ok_or(KeyringError::Derivation)
}
