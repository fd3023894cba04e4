//! What monitoring reads of signing keys: how many stand where, and since when the active ones sign.

use barycenter_core::model::{SigningAlgorithm, SigningKey, SigningKeyState};
use prometheus::{Error, IntGaugeVec, Registry};

use crate::metrics::family::gauges;

/// Every algorithm and every state: what is no longer there is zero, not absent.
const ALGORITHMS: [SigningAlgorithm; 3] = [SigningAlgorithm::Rs256, SigningAlgorithm::Es256, SigningAlgorithm::EdDsa];
const STATES: [SigningKeyState; 4] =
    [SigningKeyState::Pending, SigningKeyState::Active, SigningKeyState::Retiring, SigningKeyState::Retired];

/// The metrics of signing keys.
pub(super) struct KeyMetrics {
    keys: IntGaugeVec,
    activated: IntGaugeVec,
}

impl KeyMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        Ok(Self {
            keys: gauges(registry, "barycenter_signing_keys", "Signing keys.", &["algorithm", "state"])?,
            activated: gauges(
                registry,
                "barycenter_signing_key_activated_timestamp_seconds",
                "When the active key of an algorithm began to sign, in Unix time.",
                &["algorithm"],
            )?,
        })
    }

    /// Notes where the keys stand.
    pub(super) fn sample(&self, keys: &[SigningKey]) {
        for algorithm in ALGORITHMS {
            let of = |state| keys.iter().filter(move |key| key.algorithm == algorithm && key.state == state);
            for state in STATES {
                let count = i64::try_from(of(state).count()).unwrap_or(i64::MAX);
                self.keys.with_label_values(&[algorithm.as_str(), state.as_str()]).set(count);
            }
            match of(SigningKeyState::Active).filter_map(|key| key.activated_at).max() {
                Some(since) => self.activated.with_label_values(&[algorithm.as_str()]).set(since.as_unix()),
                // There may have been one; no series is no error.
                None => drop(self.activated.remove_label_values(&[algorithm.as_str()])),
            }
        }
    }
}
