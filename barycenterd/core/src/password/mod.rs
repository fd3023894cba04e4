//! Passwords: hashed with Argon2id in a bounded pool, off the async threads.
//!
//! Argon2 costs memory and time by design. [`PasswordHasher`] never runs more hashes at once than it was told, so
//! that a rush of sign-ins costs waiting, not the machine's memory. A check against nobody's hash does the same work
//! as one against somebody's: an answer's time does not tell whether a name exists.

mod argon2id;

use std::sync::Arc;

use argon2::Params;
use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::PrecisFastInvocation as _;
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::config::Passwords;
use crate::secret::Secret;

/// A password hash in PHC string format, `$argon2id$v=19$m=…`.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a hash as the store holds it.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the hash in PHC string format.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PasswordHash(***)")
    }
}

/// Why a text cannot be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Nothing.
    #[error("the password is empty")]
    Empty,
    /// More than [`MAXIMUM_BYTES`].
    #[error("the password is longer than {MAXIMUM_BYTES} bytes")]
    TooLong,
    /// Controls and unassigned characters (RFC 8265 section 4.2).
    #[error("the password holds control characters or characters that Unicode does not define")]
    Disallowed,
}

/// The longest password, in bytes of UTF-8.
pub const MAXIMUM_BYTES: usize = 1024;

/// Brings a password into the one form that is hashed: the PRECIS profile `OpaqueString` (RFC 8265 section 4.2), so
/// that the same password typed on another keyboard is the same password.
///
/// # Errors
/// When it is empty, too long, or holds characters that passwords cannot have.
pub fn prepare(password: &Secret) -> Result<Secret, PasswordError> {
    if password.is_empty() {
        return Err(PasswordError::Empty);
    }
    if password.expose().len() > MAXIMUM_BYTES {
        return Err(PasswordError::TooLong);
    }
    OpaqueString::enforce(password.expose())
        .map(|text| Secret::new(text.into_owned()))
        .map_err(|_| PasswordError::Disallowed)
}

/// What went wrong inside the hasher; never the caller's fault.
#[derive(Debug, Error)]
pub enum HashingError {
    /// Parameters that Argon2 does not take.
    #[error("argon2 refused the parameters: {0}")]
    Argon2(String),
    /// The runtime is shutting down.
    #[error("the hashing thread was cancelled")]
    Cancelled,
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct PasswordHasher {
    parameters: Params,
    permits: Arc<Semaphore>,
    nobody: PasswordHash,
}

impl PasswordHasher {
    /// Returns a hasher with the configured parameters and at most `max_concurrent` hashes at once (default: one a
    /// processor).
    ///
    /// # Errors
    /// When Argon2 does not take the parameters.
    pub fn new(settings: &Passwords) -> Result<Self, HashingError> {
        let parameters = Params::new(settings.memory_kib, settings.iterations, settings.parallelism, None)
            .map_err(|error| HashingError::Argon2(error.to_string()))?;
        let nobody = nobodys_hash(settings);
        let at_once = settings
            .max_concurrent
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
        Ok(Self { parameters, permits: Arc::new(Semaphore::new(at_once)), nobody })
    }

    /// Hashes a password that [`prepare`] has accepted, with a new random salt.
    ///
    /// # Errors
    /// When the runtime is shutting down.
    pub async fn hash(&self, password: &Secret) -> Result<PasswordHash, HashingError> {
        let (parameters, password) = (self.parameters.clone(), password.clone());
        self.run(move || argon2id::hash(&parameters, password.expose())).await
    }

    /// Returns whether the password is the one behind `hash`; `None` is nobody's hash: the same work, and `false`.
    ///
    /// # Errors
    /// When the runtime is shutting down.
    pub async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<bool, HashingError> {
        let somebody = hash.is_some();
        let hash = hash.unwrap_or(&self.nobody).clone();
        let password = prepare(password).unwrap_or_else(|_| Secret::new(""));
        let usable = !password.is_empty();
        self.run(move || Ok(argon2id::verify(&hash, password.expose())? && somebody && usable)).await
    }

    /// Runs one hash as soon as one of the places is free.
    async fn run<T, W>(&self, work: W) -> Result<T, HashingError>
    where
        T: Send + 'static,
        W: FnOnce() -> Result<T, HashingError> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| HashingError::Cancelled)?;
        spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(|_| HashingError::Cancelled)?
    }
}

/// A hash with the configured cost that no password has: 32 zero bytes are not the image of anything known.
fn nobodys_hash(settings: &Passwords) -> PasswordHash {
    let zeros = "A".repeat(43);
    let (memory, iterations, lanes) = (settings.memory_kib, settings.iterations, settings.parallelism);
    PasswordHash(format!("$argon2id$v=19$m={memory},t={iterations},p={lanes}$AAAAAAAAAAAAAAAAAAAAAA${zeros}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher() -> PasswordHasher {
        PasswordHasher::new(&Passwords { memory_kib: 64, iterations: 1, ..Passwords::default() }).unwrap()
    }

    #[tokio::test]
    async fn the_right_password_matches_and_others_do_not() {
        let hasher = hasher();
        let hash = hasher.hash(&Secret::new("correct horse")).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(hasher.verify(&Secret::new("correct horse"), Some(&hash)).await.unwrap());
        assert!(!hasher.verify(&Secret::new("battery staple"), Some(&hash)).await.unwrap());
        assert!(!hasher.verify(&Secret::new(""), Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobodys_hash_is_checked_with_the_same_parameters_and_never_matches() {
        let hasher = hasher();
        let somebody = hasher.hash(&Secret::new("x")).await.unwrap();
        let shape = |hash: &PasswordHash| {
            let parts: Vec<_> = hash.as_str().split('$').map(str::to_owned).collect();
            (parts[1..4].to_vec(), parts[4].len(), parts[5].len())
        };
        assert_eq!(shape(&hasher.nobody), shape(&somebody));
        assert!(!hasher.verify(&Secret::new("x"), None).await.unwrap());
    }

    #[tokio::test]
    async fn hashes_of_other_programs_and_costs_are_verified() {
        // From the test vectors of the reference implementation.
        for (hash, password, expected) in [
            (
                "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                "password",
                true,
            ),
            (
                "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
                "passwore",
                false,
            ),
        ] {
            let hash = PasswordHash::from_stored(hash.to_owned());
            assert_eq!(hasher().verify(&Secret::new(password), Some(&hash)).await.unwrap(), expected);
        }
        let junk = PasswordHash::from_stored("$2b$junk".to_owned());
        assert!(hasher().verify(&Secret::new("x"), Some(&junk)).await.is_err());
    }

    #[test]
    fn passwords_are_compared_in_one_normal_form() {
        let composed = prepare(&Secret::new("caf\u{e9}")).unwrap();
        let decomposed = prepare(&Secret::new("cafe\u{301}")).unwrap();
        assert!(composed.matches(&decomposed));
        assert!(matches!(prepare(&Secret::new("")), Err(PasswordError::Empty)));
        assert!(matches!(prepare(&Secret::new("a".repeat(1025))), Err(PasswordError::TooLong)));
        assert!(matches!(prepare(&Secret::new("a\0b")), Err(PasswordError::Disallowed)));
    }
}
