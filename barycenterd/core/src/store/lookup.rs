//! What a token request looks up: the client, and what it presents. Reading by these keys takes SQLite the short way.

use crate::model::{Client, ClientId};
use crate::secret::Digest;
use crate::store::{FoundCode, FoundRefreshToken, Store, StoreError};

impl Store {
    /// Returns the client with this id.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn find_client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        match &self.sqlite {
            Some(sqlite) if id.is_well_formed() => sqlite.client(id.as_str())?.map(Client::try_from).transpose(),
            Some(_) => Ok(None),
            None => self.clients().by_id(id).await,
        }
    }

    /// Looks a code up, with whoever it speaks of: what must be shown for it? Expired and redeemed ones are found as
    /// well. It is redeemed by [`Store::issue`].
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn find_code(&self, code: &Digest) -> Result<Option<FoundCode>, StoreError> {
        match &self.sqlite {
            Some(sqlite) => sqlite.code(code.as_str())?.map(FoundCode::try_from).transpose(),
            None => self.authorizations().by_code(code).await,
        }
    }

    /// Returns the refresh token of this digest, used, expired or not, with whoever it speaks of.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn find_refresh_token(&self, digest: &Digest) -> Result<Option<FoundRefreshToken>, StoreError> {
        match &self.sqlite {
            Some(sqlite) => sqlite.refresh_token(digest.as_str())?.map(FoundRefreshToken::try_from).transpose(),
            None => self.tokens().find_refresh(digest).await,
        }
    }
}
