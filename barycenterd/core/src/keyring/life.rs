//! When a signing key takes its next step: plain functions on values, a table of cases as their test.
//!
//! The rule: nobody ever meets a token whose `kid` is unknown. So a key is published for [`Policy::publication`] before
//! it signs, in which time every copy of the JWKS without it has expired; and it stays published for
//! [`Policy::verification`] after it ceased to sign, in which time its last token has. What is due is judged by the
//! slowest clock at hand and what is written down is told by the fastest, so that a clock that is wrong makes keys late
//! and never early.

use std::fmt;
use std::time::Instant;

use crate::config;
use crate::model::{KeyId, SigningAlgorithm, SigningKey, SigningKeyState, Timestamp, WrongState};

/// The longest that a replica's view of the keyring is behind the database, in seconds. One that could be further
/// behind reads it again before it signs.
pub const LAG: i64 = 5;

/// How long a new key is published before it signs, in seconds: until the last copy of the JWKS that was served
/// without it has expired, wherever clocks stand.
#[must_use]
pub fn publication(settings: &config::Keys) -> i64 {
    settings.jwks_max_age.as_seconds() + LAG + settings.clock_skew.as_seconds()
}

/// What decides how long keys stay where they are; times in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How long a key is published before it signs.
    pub publication: i64,
    /// What clocks and replicas may be apart.
    pub margin: i64,
    /// How long a key signs before the next one takes its place by itself.
    pub rotate_every: Option<i64>,
    /// The longest life of a token that is signed now.
    pub lifetime: i64,
}

impl Policy {
    /// Returns the policy of a deployment; clients may have longer lifetimes of their own.
    #[must_use]
    pub fn new(keys: &config::Keys, oidc: &config::Oidc) -> Self {
        Self {
            publication: publication(keys),
            margin: LAG + keys.clock_skew.as_seconds(),
            rotate_every: keys.rotate_every.map(config::Seconds::as_seconds),
            lifetime: oidc.id_token_lifetime.max(oidc.access_token_lifetime).as_seconds(),
        }
    }

    /// Returns the policy with clients' longest lifetime as well.
    #[must_use]
    pub fn with_lifetime(&self, lifetime: i64) -> Self {
        Self { lifetime: self.lifetime.max(lifetime), ..self.clone() }
    }

    /// Returns how long what a key has signed may have to be verified after it ceased to sign.
    #[must_use]
    pub fn verification(&self, key: &SigningKey) -> i64 {
        self.lifetime.max(key.lifetime) + self.margin
    }
}

/// What time it is, by every clock at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    slowest: Timestamp,
    fastest: Timestamp,
    /// When they were looked at; absent: they stand still.
    read_at: Option<Instant>,
}

/// Clocks that stand still.
impl From<Timestamp> for Clocks {
    fn from(now: Timestamp) -> Self {
        Self { slowest: now, fastest: now, read_at: None }
    }
}

impl Clocks {
    /// Takes another clock into account.
    #[must_use]
    pub fn and(self, other: Timestamp) -> Self {
        Self { slowest: self.slowest.min(other), fastest: self.fastest.max(other), ..self }
    }

    /// Lets the clocks run from here on: they were looked at then.
    #[must_use]
    pub const fn running_since(self, read_at: Instant) -> Self {
        Self { read_at: Some(read_at), ..self }
    }

    /// Returns what the clocks show by now. To make a key and to wait for a lock takes a while, and a key is published
    /// only when it is written.
    #[must_use]
    pub fn up_to_date(self) -> Self {
        let Some(read_at) = self.read_at else { return self };
        let at = Instant::now();
        let passed = at.saturating_duration_since(read_at);
        let whole = i64::try_from(passed.as_secs()).unwrap_or(i64::MAX);
        let begun = if passed.subsec_nanos() > 0 { whole.saturating_add(1) } else { whole };
        Self { slowest: self.slowest.plus(whole), fastest: self.fastest.plus(begun), read_at: Some(at) }
    }

    /// Returns the time that is surely reached: by this, things become due.
    #[must_use]
    pub const fn slowest(self) -> Timestamp {
        self.slowest
    }

    /// Returns the time that is surely not passed: with this, things are dated.
    #[must_use]
    pub const fn fastest(self) -> Timestamp {
        self.fastest
    }
}

/// A step that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A pending key begins to sign; the one that signed with its algorithm steps down.
    Activate(KeyId),
    /// A key has outlived everything that it signed.
    Retire(KeyId),
    /// A new key is published, for the one that signs has signed for long.
    Publish {
        /// Of this algorithm.
        algorithm: SigningAlgorithm,
        /// To sign from then on.
        activates_at: Timestamp,
    },
    /// A time was not known, or lies ahead of every clock: the clock that told it was wrong, and was put right.
    Date(KeyId),
    /// Tokens may live longer than was known of a key that signs them.
    Prolong(KeyId),
}

impl Step {
    /// Returns the word for what has happened when the step is taken, as it is counted.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Activate(_) => "activated",
            Self::Retire(_) => "retired",
            Self::Publish { .. } => "published",
            Self::Date(_) => "dated",
            Self::Prolong(_) => "prolonged",
        }
    }
}

/// What has happened when the step is taken.
impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activate(kid) => write!(formatter, "{kid} signs from now on"),
            Self::Retire(kid) => write!(formatter, "{kid} is retired: everything that it signed has expired"),
            Self::Publish { algorithm, activates_at } => {
                write!(formatter, "a new {algorithm} key is published; it signs from {activates_at} on")
            }
            Self::Date(kid) => write!(formatter, "{kid} is dated anew"),
            Self::Prolong(kid) => write!(formatter, "{kid} signs tokens that live longer than before"),
        }
    }
}

/// Returns the key of an algorithm that is in this state.
#[must_use]
pub fn find(keys: &[SigningKey], algorithm: SigningAlgorithm, state: SigningKeyState) -> Option<&SigningKey> {
    keys.iter().find(|key| key.algorithm == algorithm && key.state == state)
}

/// Returns the steps that are due, in the order in which they are taken.
#[must_use]
pub fn due(keys: &[SigningKey], policy: &Policy, clocks: Clocks) -> Vec<Step> {
    let mut steps: Vec<Step> = keys.iter().filter_map(|key| due_for(key, policy, clocks)).collect();
    steps.extend(SigningAlgorithm::ALL.into_iter().filter_map(|algorithm| scheduled(keys, algorithm, policy, clocks)));
    steps
}

fn due_for(key: &SigningKey, policy: &Policy, clocks: Clocks) -> Option<Step> {
    let kid = || key.kid.clone();
    match key.state {
        SigningKeyState::Pending if key.created_at > clocks.fastest.plus(policy.margin) => Some(Step::Date(kid())),
        SigningKeyState::Pending => (activation(key, policy) <= clocks.slowest).then(|| Step::Activate(kid())),
        SigningKeyState::Active => (policy.lifetime > key.lifetime).then(|| Step::Prolong(kid())),
        SigningKeyState::Retiring => match key.verifies_until {
            None => Some(Step::Date(kid())),
            Some(until) => (until <= clocks.slowest).then(|| Step::Retire(kid())),
        },
        SigningKeyState::Retired => None,
    }
}

/// Returns when a pending key may begin to sign.
fn activation(key: &SigningKey, policy: &Policy) -> Timestamp {
    key.activates_at.unwrap_or_else(|| key.created_at.plus(policy.publication))
}

/// The next key is published early enough to sign when the one before has signed for `rotate_every`.
fn scheduled(keys: &[SigningKey], algorithm: SigningAlgorithm, policy: &Policy, clocks: Clocks) -> Option<Step> {
    let active = find(keys, algorithm, SigningKeyState::Active)?;
    if find(keys, algorithm, SigningKeyState::Pending).is_some() {
        return None;
    }
    let end = active.activated_at.unwrap_or(active.created_at).plus(policy.rotate_every?);
    let activates_at = end.max(clocks.fastest.plus(policy.publication));
    (end.plus(-policy.publication) <= clocks.slowest).then_some(Step::Publish { algorithm, activates_at })
}

/// Returns the keys that a step changes, as they are after it, in the order in which they can be written: a key makes
/// room before the next one takes its place. Publishing a key changes no other.
///
/// # Errors
/// When a key is not where the step begins.
pub fn take(step: &Step, keys: &[SigningKey], policy: &Policy, clocks: Clocks) -> Result<Vec<SigningKey>, WrongState> {
    let now = clocks.fastest;
    let named = |kid: &KeyId| keys.iter().find(|key| key.kid == *kid).cloned();
    let changed = match step {
        Step::Publish { .. } => return Ok(Vec::new()),
        Step::Activate(kid) => {
            let Some(next) = named(kid) else { return Ok(Vec::new()) };
            let former = find(keys, next.algorithm, SigningKeyState::Active).cloned();
            let former = former.map(|key| {
                let until = now.plus(policy.verification(&key));
                key.step_down(now, until)
            });
            return former.into_iter().chain([activated(next, policy, now)]).collect();
        }
        Step::Retire(kid) => named(kid).map(|key| key.retire(now)).transpose()?,
        Step::Date(kid) => named(kid).map(|key| dated(key, policy, now)),
        Step::Prolong(kid) => named(kid).map(|key| SigningKey { lifetime: policy.lifetime, ..key }),
    };
    Ok(changed.into_iter().collect())
}

/// Returns a pending key as it is when it has begun to sign.
pub(super) fn activated(key: SigningKey, policy: &Policy, now: Timestamp) -> Result<SigningKey, WrongState> {
    key.activate(now).map(|key| SigningKey { lifetime: policy.lifetime, ..key })
}

fn dated(key: SigningKey, policy: &Policy, now: Timestamp) -> SigningKey {
    if key.state == SigningKeyState::Pending {
        let wait = activation(&key, policy).since(key.created_at).max(policy.publication);
        return SigningKey { created_at: now, activates_at: Some(now.plus(wait)), ..key };
    }
    let verifies_until = Some(now.plus(policy.verification(&key)));
    SigningKey { retiring_at: key.retiring_at.or(Some(now)), verifies_until, ..key }
}

/// How long a key will go on signing and verifying, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// When it ceases to sign, or has.
    pub signs_until: Option<Timestamp>,
    /// When it leaves the JWKS, or has.
    pub verifies_until: Option<Timestamp>,
}

/// Returns what is known of a key's future.
#[must_use]
pub fn outlook(key: &SigningKey, keys: &[SigningKey], policy: &Policy) -> Outlook {
    match key.state {
        SigningKeyState::Pending => Outlook { signs_until: None, verifies_until: None },
        SigningKeyState::Active => {
            let next = find(keys, key.algorithm, SigningKeyState::Pending).map(|next| activation(next, policy));
            let end = || policy.rotate_every.map(|span| key.activated_at.unwrap_or(key.created_at).plus(span));
            let signs_until = next.or_else(end);
            let verifies_until = signs_until.map(|until| until.plus(policy.verification(key)));
            Outlook { signs_until, verifies_until }
        }
        SigningKeyState::Retiring => Outlook { signs_until: key.retiring_at, verifies_until: key.verifies_until },
        SigningKeyState::Retired => Outlook { signs_until: key.retiring_at, verifies_until: key.retired_at },
    }
}

#[cfg(test)]
mod tests;
