//! Passwords: hashed with Argon2id in a bounded pool, off the async threads.
//!
//! Argon2 costs memory and time by design. [`PasswordHasher`] never runs more hashes at once than it was told, so
//! that a rush of sign-ins costs waiting, not the machine's memory; when too many wait, it says so. A check against
//! nobody's hash does the same work as one against somebody's: an answer's time does not tell whether a name exists.
//!
//! Hashes of other systems are verified too, and replaced at the first sign-in. `hash_format.rs` reads them;
//! `common.rs` knows which passwords are tried first; `argon2id.rs`, `bcrypt.rs`, `pbkdf2.rs` and `scrypt.rs` verify; `keycloak.rs` takes them from a realm's export.

mod argon2id;
mod bcrypt;
mod common;
mod hash_format;
mod keycloak;
mod pbkdf2;
mod scrypt;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use argon2::Params;
use futures_util::future::try_join_all;
use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::PrecisFastInvocation as _;
use thiserror::Error;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::config::Passwords;
use crate::password::argon2id::Scratch;
use crate::password::hash_format::{Origin, Scheme};
use crate::secret::Secret;

pub use common::is_common;
pub use hash_format::{PasswordHash, PasswordHashError};
pub use keycloak::from_keycloak;

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
    // The profile leaves printable ASCII as it is.
    if password.expose().bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(password.clone());
    }
    OpaqueString::enforce(password.expose())
        .map(|text| Secret::new(text.into_owned()))
        .map_err(|_| PasswordError::Disallowed)
}

/// The most verifications that wait for a place. At half a second each on two processors, the last waits four minutes:
/// longer than any browser.
const MOST_WAITING: usize = 1000;

/// Why nothing was hashed or verified; never the fault of a wrong password.
#[derive(Debug, Error)]
pub enum HashingError {
    /// Parameters that Argon2 does not take.
    #[error("argon2 refused the parameters: {0}")]
    Argon2(String),
    /// A stored hash that nobody can have stored by way of [`PasswordHash::parse`].
    #[error("the stored hash cannot be read")]
    Unreadable(#[from] PasswordHashError),
    /// Too many verifications wait already; in a few seconds there may be room.
    #[error("{MOST_WAITING} password verifications are waiting already")]
    Busy,
    /// A fault in the code of a scheme.
    #[error("the hashing thread panicked")]
    Panicked,
    /// The runtime is shutting down.
    #[error("the hashing thread was cancelled")]
    Cancelled,
}

/// What a hasher tells of its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashingEvent {
    /// A hash took so long, without waiting for a place.
    Took(Duration),
    /// A verification was refused: too many were waiting.
    Refused,
}

/// Who is told.
type Observer = Arc<dyn Fn(HashingEvent) + Send + Sync>;

/// How busy a hasher is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// Hashes that are being computed.
    pub running: usize,
    /// Those that wait for a place.
    pub waiting: usize,
    /// The most at once.
    pub most: usize,
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct PasswordHasher {
    parameters: Params,
    permits: Arc<Semaphore>,
    at_once: usize,
    /// Held by whoever hashes many: the memory of one lot at a time.
    lot: Arc<Mutex<()>>,
    /// Places for verifications that wait for a permit.
    queue: Arc<Semaphore>,
    nobody: PasswordHash,
    /// How many wait for a permit.
    waiting: Arc<AtomicUsize>,
    observer: Option<Observer>,
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
        let (permits, queue) = (Arc::new(Semaphore::new(at_once)), Arc::new(Semaphore::new(MOST_WAITING)));
        Ok(Self {
            parameters,
            permits,
            at_once,
            lot: Arc::default(),
            queue,
            nobody,
            waiting: Arc::default(),
            observer: None,
        })
    }

    /// Tells of its work from now on, as clones of it do.
    #[must_use]
    pub fn observed_by(mut self, observer: Arc<dyn Fn(HashingEvent) + Send + Sync>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Returns how busy it is.
    #[must_use]
    pub fn load(&self) -> Load {
        let running = self.at_once.saturating_sub(self.permits.available_permits());
        Load { running, waiting: self.waiting.load(Ordering::Relaxed), most: self.at_once }
    }

    fn tell(&self, event: HashingEvent) {
        if let Some(observer) = &self.observer {
            observer(event);
        }
    }

    /// Hashes a password that [`prepare`] has accepted, with a new random salt. Waits as long as it takes.
    ///
    /// # Errors
    /// When the runtime is shutting down.
    pub async fn hash(&self, password: &Secret) -> Result<PasswordHash, HashingError> {
        let (parameters, password) = (self.parameters.clone(), password.clone());
        let permit = self.permit().await?;
        self.run(permit, move || argon2id::hash(&parameters, password.expose(), &mut Scratch::new(&parameters))).await
    }

    /// Hashes many passwords that [`prepare`] has accepted, as many at once as are permitted; returns the hashes in
    /// the passwords' order. Memory is used again from one to the next, and somebody who signs in meanwhile waits for
    /// one of them, never for all.
    ///
    /// # Errors
    /// When the runtime is shutting down.
    pub async fn hash_all(&self, passwords: &[Secret]) -> Result<Vec<PasswordHash>, HashingError> {
        if passwords.is_empty() {
            return Ok(Vec::new());
        }
        let _lot = self.lot.lock().await;
        let at_once = self.at_once.min(passwords.len());
        let next = AtomicUsize::new(0);
        let work = || async {
            let mut hashes = Vec::new();
            let mut scratch = Scratch::new(&self.parameters);
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(password) = passwords.get(place).cloned() else {
                    return Ok::<_, HashingError>(hashes);
                };
                let (parameters, permit) = (self.parameters.clone(), self.permit().await?);
                let work = move || -> Result<(PasswordHash, Scratch), HashingError> {
                    Ok((argon2id::hash(&parameters, password.expose(), &mut scratch)?, scratch))
                };
                let (hash, used) = self.run(permit, work).await?;
                scratch = used;
                hashes.push((place, hash));
            }
        };
        let hashes = try_join_all((0..at_once).map(|_| work())).await?;
        let mut hashes: Vec<(usize, PasswordHash)> = hashes.into_iter().flatten().collect();
        hashes.sort_unstable_by_key(|(place, _)| *place);
        Ok(hashes.into_iter().map(|(_, hash)| hash).collect())
    }

    /// Returns whether the password is the one behind `hash`; `None` is nobody's hash: the same work, and `false`.
    ///
    /// # Errors
    /// [`HashingError::Busy`] when too many verifications wait; otherwise when the stored hash cannot be read or the
    /// runtime is shutting down.
    pub async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<bool, HashingError> {
        let somebody = hash.is_some();
        let scheme = Scheme::read(hash.unwrap_or(&self.nobody).as_str(), Origin::Stored)?;
        let mut candidates = candidates(password);
        let usable = !candidates.is_empty();
        if !usable {
            candidates.push(Secret::new(""));
        }
        let permit = match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let _place = self.queue.try_acquire().map_err(|_| {
                    self.tell(HashingEvent::Refused);
                    HashingError::Busy
                })?;
                self.permit().await?
            }
        };
        self.run(permit, move || {
            for candidate in candidates {
                if scheme.verify(candidate.expose())? {
                    return Ok(somebody && usable);
                }
            }
            Ok(false)
        })
        .await
    }

    /// Returns whether a hash is what [`PasswordHasher::hash`] would make today: Argon2id, version 19, a digest of 32
    /// bytes, exactly the configured parameters. Any other is replaced at the next sign-in.
    #[must_use]
    pub fn is_current(&self, hash: &PasswordHash) -> bool {
        matches!(Scheme::read(hash.as_str(), Origin::Stored), Ok(Scheme::Argon2(hash)) if hash.is_current(&self.parameters))
    }

    /// Returns one of the places as soon as one is free.
    async fn permit(&self) -> Result<OwnedSemaphorePermit, HashingError> {
        let _waiting = Waiting::begin(&self.waiting);
        Arc::clone(&self.permits).acquire_owned().await.map_err(|_| HashingError::Cancelled)
    }

    /// Does the work of one hash on a thread of its own; the place is free again when it is done, not when its caller
    /// goes away.
    async fn run<T, W>(&self, permit: OwnedSemaphorePermit, work: W) -> Result<T, HashingError>
    where
        T: Send + 'static,
        W: FnOnce() -> Result<T, HashingError> + Send + 'static,
    {
        let observer = self.observer.clone();
        let result = spawn_blocking(move || {
            let began = Instant::now();
            let result = work();
            drop(permit);
            if let Some(observer) = observer {
                observer(HashingEvent::Took(began.elapsed()));
            }
            result
        });
        result.await.map_err(|error| if error.is_panic() { HashingError::Panicked } else { HashingError::Cancelled })?
    }
}

/// Counts somebody as waiting until it is dropped: who waits may go away.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Returns the texts that may be behind a hash: the prepared form, which is what is hashed here, and where it differs
/// the text as it was typed, which is what other systems hashed. Nobody's hash is tried with both as well, so that
/// such a password does not tell by its time whether a name exists. Some hash functions do not notice a zero byte.
fn candidates(typed: &Secret) -> Vec<Secret> {
    let text = typed.expose();
    if text.is_empty() || text.len() > MAXIMUM_BYTES || text.contains('\0') {
        return Vec::new();
    }
    let prepared = prepare(typed).ok().filter(|prepared| prepared.expose() != text);
    prepared.into_iter().chain([typed.clone()]).collect()
}

/// A hash with the configured cost that no password has: 32 zero bytes are not the image of anything known.
fn nobodys_hash(settings: &Passwords) -> PasswordHash {
    let zeros = "A".repeat(43);
    let (memory, iterations, lanes) = (settings.memory_kib, settings.iterations, settings.parallelism);
    PasswordHash::from_stored(format!(
        "$argon2id$v=19$m={memory},t={iterations},p={lanes}$AAAAAAAAAAAAAAAAAAAAAA${zeros}"
    ))
}

#[cfg(test)]
mod tests;
