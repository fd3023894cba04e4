//! `sub`: who a user is to a client (OpenID Connect Core section 8).
//!
//! The rule: one function makes it, for ID Tokens, UserInfo, introspection, logout tokens and hints alike. A public
//! subject is the user's id. A pairwise one is an HMAC of sector and user under a key that is derived from the root
//! key: clients of different sectors cannot find out that they know the same person.

use aws_lc_rs::hmac;
use barycenter_core::model::{Client, SubjectType, UserId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

/// Makes subjects.
pub struct Subjects(hmac::Key);

impl Subjects {
    /// Takes the key that is derived for this purpose.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// Returns who a user is to a client.
    #[must_use]
    pub fn of(&self, client: &Client, user: &UserId) -> String {
        match client.metadata.subject_type {
            SubjectType::Public => user.to_string(),
            SubjectType::Pairwise => {
                let message = format!("{}\0{user}", sector(client));
                URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, message.as_bytes()))
            }
        }
    }
}

/// The host of the sector identifier, or else of the redirect URI (section 8.1). A client that has neither is a sector
/// of its own.
fn sector(client: &Client) -> String {
    let address = client.metadata.sector_identifier_uri.as_ref().or(client.redirect_uris.first());
    let host = address.and_then(|address| Url::parse(address).ok()?.host_str().map(str::to_ascii_lowercase));
    host.unwrap_or_else(|| format!("\0{}", client.id))
}

#[cfg(test)]
mod tests {
    use barycenter_core::model::{ClientId, Timestamp};

    use super::*;

    fn client(id: &str, subject_type: SubjectType, redirect_uri: &str) -> Client {
        let mut client = Client::new(ClientId::new(id), id, Timestamp::from_unix(0));
        client.redirect_uris = vec![redirect_uri.to_owned()];
        client.metadata.subject_type = subject_type;
        client
    }

    #[test]
    fn pairwise_subjects_are_the_same_within_a_sector_only() {
        let subjects = Subjects::new(&[7; 32]);
        let (user, other) = (UserId::new("u-1"), UserId::new("u-2"));
        let one = client("one", SubjectType::Pairwise, "https://a.example/cb");
        let sibling = client("sibling", SubjectType::Pairwise, "https://A.example/other");
        let stranger = client("stranger", SubjectType::Pairwise, "https://b.example/cb");
        assert_eq!(subjects.of(&one, &user), subjects.of(&sibling, &user));
        assert_ne!(subjects.of(&one, &user), subjects.of(&stranger, &user));
        assert_ne!(subjects.of(&one, &user), subjects.of(&one, &other));
        assert_ne!(subjects.of(&one, &user), Subjects::new(&[8; 32]).of(&one, &user));
        assert_eq!(subjects.of(&one, &user).len(), 43);
        let mut moved = stranger;
        moved.metadata.sector_identifier_uri = Some("https://a.example/sector.json".to_owned());
        assert_eq!(subjects.of(&one, &user), subjects.of(&moved, &user));
    }

    #[test]
    fn a_public_subject_is_the_users_id() {
        let client = client("one", SubjectType::Public, "https://a.example/cb");
        assert_eq!(Subjects::new(&[7; 32]).of(&client, &UserId::new("u-1")), "u-1");
    }
}
