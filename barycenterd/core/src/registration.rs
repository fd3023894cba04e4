//! Registering a client: the defaults, the secret, the checks and the row, for the admin API and `baryctl --direct`
//! alike.
//!
//! The rule: the secret leaves this module once, in [`Registered`]; the store keeps its digest.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::config::Seconds;
use crate::keyring::{KeyringError, Sealer};
use crate::model::{Client, ClientAuthenticationMethod, ClientId, ClientMetadata, GrantType, Scope, Scopes, Timestamp};
use crate::secret::Secret;
use crate::store::{RegistrationToken, Store, StoreError};

/// What every client secret begins with, so that scanners recognise one that got lost.
const SECRET_PREFIX: &str = "bcs_";
/// The same for initial access tokens.
const INVITATION_PREFIX: &str = "bcr_";

/// A client as an operator describes it; names of grants and scopes as the specifications spell them.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// The `client_id`; without one it is generated.
    pub id: Option<ClientId>,
    /// The name that End-Users see.
    pub name: String,
    /// How it will prove who it is.
    pub authentication_method: ClientAuthenticationMethod,
    /// Where authorization responses may go.
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after logout.
    pub post_logout_redirect_uris: Vec<String>,
    /// How it may obtain tokens; none: by codes and refresh tokens.
    pub grant_types: Vec<String>,
    /// What it may ask for; none: everything that this provider knows.
    pub scopes: Vec<String>,
    /// Whether its users are not asked for consent.
    pub first_party: bool,
    /// Everything else, named as in [`ClientMetadata`].
    pub metadata: Map<String, Value>,
}

/// A client that has just been registered.
#[derive(Debug)]
pub struct Registered {
    /// The client as the store holds it.
    pub client: Client,
    /// Its secret, now and never again; none for a public client.
    pub secret: Option<Secret>,
}

/// Why a client is not registered.
#[derive(Debug, Error)]
pub enum RegistrationError {
    /// Another client has this id.
    #[error("there is a client {0} already")]
    Exists(ClientId),
    /// Everything that is wrong with the description.
    #[error("the client cannot be registered: {}", .0.join("; "))]
    Invalid(Vec<String>),
    /// The secret could not be encrypted.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Returns a new client secret.
#[must_use]
pub fn new_secret() -> Secret {
    Secret::new(format!("{SECRET_PREFIX}{}", Secret::random().expose()))
}

/// Registers a client. `sealer` encrypts the secret of one that authenticates by `client_secret_jwt`; others need none.
///
/// # Errors
/// When the description has faults (all of them are named), the id is taken, or the database fails.
pub async fn register_client(
    store: &Store,
    sealer: Option<&Sealer>,
    new: NewClient,
    now: Timestamp,
) -> Result<Registered, RegistrationError> {
    let (mut client, secret) = describe(new, now)?;
    client.secret = secret.as_ref().map(Secret::digest);
    if client.authentication_method == ClientAuthenticationMethod::ClientSecretJwt {
        let missing = || RegistrationError::Invalid(vec!["client_secret_jwt needs the root key".to_owned()]);
        give_secret(&mut client, secret.as_ref(), sealer.ok_or_else(missing)?)?;
    }
    match store.clients().insert(&client).await {
        Ok(()) => Ok(Registered { client, secret }),
        Err(error) if error.is_conflict() => Err(RegistrationError::Exists(client.id)),
        Err(error) => Err(error.into()),
    }
}

/// The longest life of an initial access token.
pub const LONGEST_INVITATION: Seconds = Seconds::new(365 * 86_400);

/// Makes an initial access token (RFC 7591 section 3): whoever has it may register `uses` clients.
///
/// # Errors
/// When the database fails.
pub async fn invite(
    store: &Store,
    description: &str,
    uses: Option<u32>,
    lifetime: Seconds,
    now: Timestamp,
) -> Result<(Secret, RegistrationToken), StoreError> {
    let token = Secret::new(format!("{INVITATION_PREFIX}{}", Secret::random().expose()));
    let stored = RegistrationToken {
        digest: token.digest(),
        description: description.to_owned(),
        uses,
        created_at: now,
        expires_at: now.plus(lifetime.as_seconds()),
    };
    store.registration_tokens().insert(&stored).await?;
    Ok((token, stored))
}

/// Gives a client its secret: the digest, and the secret itself, encrypted, where it is needed.
///
/// # Errors
/// When the cryptographic library fails.
pub fn give_secret(client: &mut Client, secret: Option<&Secret>, sealer: &Sealer) -> Result<(), KeyringError> {
    client.secret = secret.map(Secret::digest);
    let needed = client.authentication_method == ClientAuthenticationMethod::ClientSecretJwt;
    let sealed = secret.filter(|_| needed).map(|secret| sealer.seal(client.id.as_str(), secret));
    client.sealed_secret = sealed.transpose()?;
    Ok(())
}

/// Fills in what the operator left out and checks the whole.
fn describe(new: NewClient, now: Timestamp) -> Result<(Client, Option<Secret>), RegistrationError> {
    let mut faults = Vec::new();
    let grant_types = grants(&new.grant_types, &mut faults);
    let scopes = scopes(&new.scopes, &mut faults);
    let metadata = ClientMetadata::from_map(&new.metadata).unwrap_or_else(|found| {
        faults.extend(found);
        ClientMetadata::default()
    });
    let id = new.id.unwrap_or_else(|| ClientId::generate(now));
    let client = Client {
        authentication_method: new.authentication_method,
        redirect_uris: new.redirect_uris,
        post_logout_redirect_uris: new.post_logout_redirect_uris,
        grant_types,
        scopes,
        first_party: new.first_party,
        metadata,
        ..Client::new(id, new.name, now)
    };
    // A name that is not known leaves a hole that is no fault of its own.
    let known_names = faults.is_empty();
    faults.extend(client.faults().iter().filter(|_| known_names).map(ToString::to_string));
    if !faults.is_empty() {
        return Err(RegistrationError::Invalid(faults));
    }
    let secret = client.authentication_method.has_secret().then(new_secret);
    Ok((client, secret))
}

/// Reads the names of grants; none means the usual ones.
fn grants(names: &[String], faults: &mut Vec<String>) -> Vec<GrantType> {
    if names.is_empty() {
        return GrantType::DEFAULT.to_vec();
    }
    let mut grants = Vec::new();
    for name in names {
        match GrantType::from_name(name) {
            Some(grant) if grants.contains(&grant) => {}
            Some(grant) => grants.push(grant),
            None => {
                let known = GrantType::ALL.map(GrantType::as_str).join(", ");
                faults.push(format!("there is no grant {name:?}; known are {known}"));
            }
        }
    }
    grants
}

/// Reads the names of scopes; none means all.
fn scopes(names: &[String], faults: &mut Vec<String>) -> Scopes {
    if names.is_empty() {
        return Scopes::all();
    }
    let known = |name: &String| match Scope::from_name(name) {
        Some(scope) => Some(scope),
        None => {
            let known = Scope::ALL.map(Scope::as_str).join(", ");
            faults.push(format!("there is no scope {name:?}; known are {known}"));
            None
        }
    };
    names.iter().filter_map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described() -> NewClient {
        NewClient {
            id: None,
            name: "Grafana".to_owned(),
            authentication_method: ClientAuthenticationMethod::ClientSecretBasic,
            redirect_uris: vec!["https://grafana.example.com/cb".to_owned()],
            post_logout_redirect_uris: Vec::new(),
            grant_types: Vec::new(),
            scopes: Vec::new(),
            first_party: false,
            metadata: Map::new(),
        }
    }

    #[test]
    fn what_is_left_out_is_filled_in() {
        let (client, secret) = describe(described(), Timestamp::from_unix(0)).unwrap();
        assert_eq!(client.grant_types, GrantType::DEFAULT);
        assert_eq!(client.scopes, Scopes::all());
        assert!(!client.id.as_str().is_empty());
        assert!(secret.is_some_and(|secret| secret.expose().starts_with(SECRET_PREFIX)));
    }

    #[test]
    fn a_public_client_has_no_secret() {
        let public = NewClient { authentication_method: ClientAuthenticationMethod::None, ..described() };
        assert!(describe(public, Timestamp::from_unix(0)).unwrap().1.is_none());
    }

    #[test]
    fn every_unknown_name_is_a_fault() {
        let wrong =
            NewClient { grant_types: vec!["password".to_owned()], scopes: vec!["admin".to_owned()], ..described() };
        let Err(RegistrationError::Invalid(faults)) = describe(wrong, Timestamp::from_unix(0)) else {
            panic!("accepted")
        };
        assert_eq!(faults.len(), 2, "{faults:?}");
    }
}
