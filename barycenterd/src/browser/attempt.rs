//! Limits for guessing passwords (NIST SP 800-63B-4 section 3.2.2, OWASP ASVS 5.0 section 6.3).
//!
//! The rule: guessing is slowed down and nobody is ever locked out. What counts are failures, for each of:
//!
//! | what | at first | then |
//! |---|---|---|
//! | one account from one network address | 10 | 1 a minute |
//! | one account from all addresses together | 100 | 1 in 5 seconds |
//! | one address, whatever the account | 300 | 1 in 2 seconds |
//! | one account on a device on which its owner has signed in before | 10 | 1 a minute |
//!
//! So an attacker at one address keeps no owner from signing in elsewhere, and many attackers at many addresses keep
//! none from their own device, for which only the last line counts. An account that does not exist is limited as one
//! that does. Failures stand in the database, for all replicas; tries at the same time wait for one another, so that a
//! thousand at once get no more guesses than one after the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use aws_lc_rs::hmac;
use barycenter_core::model::{Limit, Username};
use barycenter_core::secret::{Digest, Secret};
use barycenter_core::store::{StoreError, Transaction};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use crate::browser::Visitor;
use crate::client_address::neighbourhood;

const ACCOUNT_FROM_ADDRESS: Limit = Limit { burst: 10, interval: 60 };
const ACCOUNT: Limit = Limit { burst: 100, interval: 5 };
const ADDRESS: Limit = Limit { burst: 300, interval: 2 };
const DEVICE: Limit = Limit { burst: 10, interval: 60 };

/// How many tries for one account from one place are under way at once.
const AT_ONCE: usize = 8;

/// How many may wait for those.
const WAITING: usize = 1000;

/// The places where tries are under way.
#[derive(Default)]
pub struct UnderWay(Mutex<HashMap<String, Weak<Semaphore>>>);

impl UnderWay {
    /// Returns the place of that name.
    fn place(&self, name: &str) -> Arc<Semaphore> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = places.get(name).and_then(Weak::upgrade) {
            return place;
        }
        if places.len() > WAITING {
            places.retain(|_, place| place.strong_count() > 0);
        }
        let place = Arc::new(Semaphore::new(AT_ONCE));
        places.insert(name.to_owned(), Arc::downgrade(&place));
        place
    }
}

/// One try to sign in, which may go ahead.
pub(super) struct Attempt {
    /// What a failure is charged to, and how many seconds it costs.
    charged: Vec<(String, Limit)>,
    /// Whether failures from the same place came before.
    had_slips: bool,
    _turn: OwnedSemaphorePermit,
}

/// Why a try may not go ahead.
pub(super) enum Refused {
    /// Too many have failed: the next one may come after so many seconds.
    Throttled(i64),
    /// Too many are waiting.
    Busy,
    /// The database failed.
    Store(StoreError),
}

/// Names an account as the throttles know it, whether it exists or not.
fn account_name(username: &str) -> String {
    let folded = Username::parse(username).map_or_else(|_| username.to_lowercase(), |name| name.folded().to_owned());
    Digest::of(&folded).as_str().to_owned()
}

impl Attempt {
    /// Waits for the tries under way, and finds out whether this one may go ahead.
    pub(super) async fn begin(app: &App, visitor: &Visitor, username: &str) -> Result<Self, Refused> {
        let account = account_name(username);
        let address = neighbourhood(visitor.address());
        let charged = match visitor.device().filter(|device| is_known(&app.devices, device, &account)) {
            Some(device) => vec![(format!("device {account} {}", device.digest().as_str()), DEVICE)],
            None => vec![
                (format!("account {account} {address}"), ACCOUNT_FROM_ADDRESS),
                (format!("account {account}"), ACCOUNT),
                (format!("address {address}"), ADDRESS),
            ],
        };
        let place = app.under_way.place(charged.first().map_or("", |(name, _)| name.as_str()));
        if Arc::strong_count(&place) > WAITING {
            return Err(Refused::Busy);
        }
        let turn = place.acquire_owned().await.map_err(|_| Refused::Busy)?;
        let names: Vec<&str> = charged.iter().map(|(name, _)| name.as_str()).collect();
        let now = app.now();
        let free_at = app.store.throttles().free_at(&names).await.map_err(Refused::Store)?;
        let wait = charged.iter().filter_map(|(name, limit)| limit.wait(free_at.get(name).copied(), now)).max();
        match wait {
            Some(seconds) => Err(Refused::Throttled(seconds)),
            None => {
                let had_slips = charged.first().is_some_and(|(name, _)| free_at.contains_key(name));
                Ok(Self { charged, had_slips, _turn: turn })
            }
        }
    }

    /// Charges a failure.
    pub(super) async fn failed(self, app: &App) -> Result<(), StoreError> {
        let transaction = app.store.write().await?;
        for (name, limit) in &self.charged {
            transaction.throttles().charge(name, app.now(), limit.interval).await?;
        }
        transaction.commit().await
    }

    /// Forgets what the owner's own slips were charged to; what others did elsewhere stays.
    pub(super) async fn succeeded(&self, transaction: &Transaction) -> Result<(), StoreError> {
        match self.charged.first() {
            Some((name, _)) if self.had_slips => transaction.throttles().forget(name).await,
            _ => Ok(()),
        }
    }
}

/// Returns the value by which a device is known again on which the owner of an account has signed in.
pub(super) fn device_of(devices: &hmac::Key, username: &str) -> Secret {
    let nonce = Secret::random();
    let proof = hmac::sign(devices, message(nonce.expose(), &account_name(username)).as_bytes());
    Secret::new(format!("{}.{}", nonce.expose(), URL_SAFE_NO_PAD.encode(proof)))
}

fn is_known(devices: &hmac::Key, device: &Secret, account: &str) -> bool {
    device.expose().split_once('.').is_some_and(|(nonce, proof)| {
        let proof = URL_SAFE_NO_PAD.decode(proof).unwrap_or_default();
        hmac::verify(devices, message(nonce, account).as_bytes(), &proof).is_ok()
    })
}

fn message(nonce: &str, account: &str) -> String {
    format!("{nonce}\0{account}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_known_for_the_account_that_was_signed_in_to_there() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]);
        let device = device_of(&key, "Admin");
        assert!(is_known(&key, &device, &account_name("admin")));
        assert!(!is_known(&key, &device, &account_name("alice")));
        let other = hmac::Key::new(hmac::HMAC_SHA256, &[2; 32]);
        assert!(!is_known(&other, &device, &account_name("admin")));
        for forged in ["", ".", "x", "a.b.c", &format!("{}x", device.expose())] {
            assert!(!is_known(&key, &Secret::new(forged), &account_name("admin")), "{forged}");
        }
    }

    #[test]
    fn places_that_nobody_is_at_are_forgotten() {
        let under_way = UnderWay::default();
        let held = under_way.place("held");
        for number in 0..3000 {
            drop(under_way.place(&number.to_string()));
        }
        assert!(under_way.0.lock().unwrap().len() <= WAITING + 2);
        assert!(Arc::ptr_eq(&held, &under_way.place("held")));
    }
}
