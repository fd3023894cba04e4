//! Signing keys in the database: public halves as JWK, private halves wrapped under the root key.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _, QueryOrder as _};

use crate::model::{KeyId, SigningAlgorithm, SigningKeyState, Timestamp};
use crate::store::StoreError;
use crate::store::column::Place;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    kid: String,
    algorithm: String,
    state: String,
    jwk: String,
    wrapped: String,
    root: String,
    created_at: i64,
    activated_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A signing key as the store holds it: of no use without the root key.
#[derive(Debug, Clone)]
pub struct StoredSigningKey {
    /// RFC 7638 thumbprint of the public half.
    pub kid: KeyId,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// Where it stands.
    pub state: SigningKeyState,
    /// The public half as it is published, JSON.
    pub jwk: String,
    /// The private half, PKCS#8, encrypted under the root key; base64url.
    pub wrapped: String,
    /// Which root key it is wrapped under: a fingerprint.
    pub root: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began to sign.
    pub activated_at: Option<Timestamp>,
}

impl TryFrom<Model> for StoredSigningKey {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let place = Place { table: "signing_keys", row: &row.kid };
        Ok(Self {
            algorithm: place.name("algorithm", &row.algorithm, SigningAlgorithm::from_name)?,
            state: place.name("state", &row.state, SigningKeyState::from_name)?,
            kid: KeyId::new(row.kid),
            jwk: row.jwk,
            wrapped: row.wrapped,
            root: row.root,
            created_at: Timestamp::from_unix(row.created_at),
            activated_at: row.activated_at.map(Timestamp::from_unix),
        })
    }
}

/// Access to signing keys.
pub struct SigningKeys<'a>(pub(super) DatabaseExecutor<'a>);

impl SigningKeys<'_> {
    /// Stores a new key.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the key is there already.
    pub async fn insert(&self, key: &StoredSigningKey) -> Result<(), StoreError> {
        let row = Model {
            kid: key.kid.to_string(),
            algorithm: key.algorithm.as_str().to_owned(),
            state: key.state.as_str().to_owned(),
            jwk: key.jwk.clone(),
            wrapped: key.wrapped.clone(),
            root: key.root.clone(),
            created_at: key.created_at.as_unix(),
            activated_at: key.activated_at.map(Timestamp::as_unix),
        };
        Entity::insert(row.into_active_model()).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Returns all keys, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn all(&self) -> Result<Vec<StoredSigningKey>, StoreError> {
        let rows = Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Kid).all(&self.0).await?;
        rows.into_iter().map(StoredSigningKey::try_from).collect()
    }

    /// Puts a key into another state; one that becomes active for the first time also gets `activated_at`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_state(&self, kid: &KeyId, state: SigningKeyState, now: Timestamp) -> Result<(), StoreError> {
        let mut change = Entity::update_many().col_expr(Column::State, Expr::value(state.as_str()));
        if state == SigningKeyState::Active {
            change = change.col_expr(Column::ActivatedAt, Expr::value(now.as_unix()));
        }
        change.filter(Column::Kid.eq(kid.as_str())).exec(&self.0).await?;
        Ok(())
    }
}
