//! One device authorization (RFC 8628), from the device's request to the redemption of its code.
//!
//! ```text
//!   Pending ──► Approved ──► Redeemed
//!      └──────► Denied
//! ```
//!
//! Both codes are kept as digests. The user code has no vowels (it spells no word) and nothing that looks like
//! something else; whoever types it may leave out the dash or use small letters.

use crate::model::{AuthorizationId, ClientId, Scopes, SessionId, Timestamp, UserId};
use crate::secret::{Digest, random_bytes};

/// What user codes are made of (RFC 8628 section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// How long a user code is, in letters: 34 bits.
const LENGTH: usize = 8;

/// What the user types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl UserCode {
    /// Returns a new code.
    #[must_use]
    pub fn random() -> Self {
        let mut code = String::with_capacity(LENGTH);
        while code.len() < LENGTH {
            // 240 is the largest multiple of 20 that a byte holds: each letter is as likely as any other.
            let letters = random_bytes::<16>().into_iter().filter(|byte| *byte < 240);
            let letters = letters.filter_map(|byte| LETTERS.get(usize::from(byte) % LETTERS.len()));
            code.extend(letters.take(LENGTH - code.len()).map(|letter| char::from(*letter)));
        }
        Self(code)
    }

    /// Takes what somebody typed: letters in any case, with or without dashes and blanks.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.chars().filter(|letter| !matches!(letter, '-' | ' ' | '\t' | '_' | '.'));
        let code: String = letters.take(LENGTH + 1).map(|letter| letter.to_ascii_uppercase()).collect();
        let sound = code.len() == LENGTH && code.bytes().all(|byte| LETTERS.contains(&byte));
        sound.then_some(Self(code))
    }

    /// Returns the digest under which it is stored.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }

    /// Returns the code as people read it: `BCDF-GHJK`.
    #[must_use]
    pub fn shown(&self) -> String {
        let (first, second) = self.0.split_at(LENGTH / 2);
        format!("{first}-{second}")
    }
}

/// Where a device authorization stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceState {
    /// Nobody has decided yet.
    Pending,
    /// The user has approved.
    Approved,
    /// The user has refused.
    Denied,
    /// The code has become tokens.
    Redeemed,
}

impl DeviceState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Approved, Self::Denied, Self::Redeemed];

    /// Returns the state's name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Redeemed => "redeemed",
        }
    }

    /// Returns the state of that name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A device authorization as the store holds it.
#[derive(Debug, Clone)]
pub struct DeviceAuthorization {
    /// Names it, and the family of its tokens.
    pub id: AuthorizationId,
    /// Digest of what the device polls with.
    pub device_code: Digest,
    /// Digest of what the user types.
    pub user_code: Digest,
    /// Whose device it is.
    pub client_id: ClientId,
    /// What it asks for.
    pub scopes: Scopes,
    /// The resources that its access tokens will be for.
    pub resources: Vec<String>,
    /// Where it stands.
    pub state: DeviceState,
    /// Who approved.
    pub approval: Option<Approval>,
    /// How many seconds lie between two polls, at least.
    pub interval: i64,
    /// When the device last asked.
    pub polled_at: Option<Timestamp>,
    /// When the request arrived.
    pub created_at: Timestamp,
    /// From then on both codes are invalid.
    pub expires_at: Timestamp,
}

/// Who approved a device, and when they had signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub user_id: UserId,
    /// In which session.
    pub session_id: SessionId,
    /// The `auth_time` claim.
    pub authenticated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_codes_are_read_however_people_type_them() {
        let code = UserCode::random();
        let shown = code.shown();
        assert_eq!((shown.len(), shown.chars().nth(4)), (9, Some('-')));
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', ""), shown.replace('-', " ")] {
            assert_eq!(UserCode::parse(&typed).as_ref(), Some(&code), "{typed}");
        }
        for wrong in ["", "BCDF-GHJ", "BCDF-GHJKL", "AEIO-UUUU", "0000-0000", "BCDF-GHJ\u{212a}"] {
            assert_eq!(UserCode::parse(wrong), None, "{wrong}");
        }
    }
}
