//! Signing keys in the database: public halves as JWK, private halves wrapped under the root key; and the keyring as a
//! whole, whose revision tells every replica in one cheap query whether anything has changed.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{DatabaseBackend, DatabaseExecutor, IntoActiveModel as _, QueryOrder as _, Statement};

use crate::model::{KeyId, SigningAlgorithm, SigningKey, SigningKeyState, Timestamp};
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
    lifetime: i64,
    created_at: i64,
    activates_at: Option<i64>,
    activated_at: Option<i64>,
    retiring_at: Option<i64>,
    verifies_until: Option<i64>,
    retired_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The keyring as a whole: one row.
mod keyring {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "keyring")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: i64,
        pub(super) revision: i64,
        pub(super) derivation: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What the store knows of the keyring as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyringRecord {
    /// Grows with every change of a signing key.
    pub revision: i64,
    /// What other keys are derived from, encrypted under the root key, base64url; absent: from the root key itself.
    pub derivation: Option<String>,
    /// What time the database server has; absent where the database is a file.
    pub clock: Option<Timestamp>,
}

impl TryFrom<Model> for SigningKey {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let place = Place { table: "signing_keys", row: &row.kid };
        let time = |column: Option<i64>| column.map(Timestamp::from_unix);
        Ok(Self {
            algorithm: place.name("algorithm", &row.algorithm, SigningAlgorithm::from_name)?,
            state: place.name("state", &row.state, SigningKeyState::from_name)?,
            kid: KeyId::new(row.kid),
            jwk: row.jwk,
            wrapped: row.wrapped,
            root: row.root,
            lifetime: row.lifetime,
            created_at: Timestamp::from_unix(row.created_at),
            activates_at: time(row.activates_at),
            activated_at: time(row.activated_at),
            retiring_at: time(row.retiring_at),
            verifies_until: time(row.verifies_until),
            retired_at: time(row.retired_at),
        })
    }
}

impl From<&SigningKey> for Model {
    fn from(key: &SigningKey) -> Self {
        let time = |column: Option<Timestamp>| column.map(Timestamp::as_unix);
        Self {
            kid: key.kid.to_string(),
            algorithm: key.algorithm.as_str().to_owned(),
            state: key.state.as_str().to_owned(),
            jwk: key.jwk.clone(),
            wrapped: key.wrapped.clone(),
            root: key.root.clone(),
            lifetime: key.lifetime,
            created_at: key.created_at.as_unix(),
            activates_at: time(key.activates_at),
            activated_at: time(key.activated_at),
            retiring_at: time(key.retiring_at),
            verifies_until: time(key.verifies_until),
            retired_at: time(key.retired_at),
        }
    }
}

/// Access to signing keys.
pub struct SigningKeys<'a>(pub(super) DatabaseExecutor<'a>);

impl SigningKeys<'_> {
    /// Stores a new key.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the key is there already, or another one of its algorithm has its place: one
    /// key of an algorithm is pending, and one signs.
    pub async fn insert(&self, key: &SigningKey) -> Result<(), StoreError> {
        Entity::insert(Model::from(key).into_active_model()).exec_without_returning(&self.0).await?;
        self.touch().await
    }

    /// Stores what has become of a key.
    ///
    /// # Errors
    /// When the database does not answer; [`StoreError::Conflict`] as for a new key.
    pub async fn update(&self, key: &SigningKey) -> Result<(), StoreError> {
        let row = Model::from(key);
        Entity::update_many()
            .col_expr(Column::State, Expr::value(row.state))
            .col_expr(Column::Wrapped, Expr::value(row.wrapped))
            .col_expr(Column::Root, Expr::value(row.root))
            .col_expr(Column::Lifetime, Expr::value(row.lifetime))
            .col_expr(Column::CreatedAt, Expr::value(row.created_at))
            .col_expr(Column::ActivatesAt, Expr::value(row.activates_at))
            .col_expr(Column::ActivatedAt, Expr::value(row.activated_at))
            .col_expr(Column::RetiringAt, Expr::value(row.retiring_at))
            .col_expr(Column::VerifiesUntil, Expr::value(row.verifies_until))
            .col_expr(Column::RetiredAt, Expr::value(row.retired_at))
            .filter(Column::Kid.eq(row.kid))
            .exec(&self.0)
            .await?;
        self.touch().await
    }

    /// Returns all keys, oldest first.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn all(&self) -> Result<Vec<SigningKey>, StoreError> {
        let rows = Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Kid).all(&self.0).await?;
        rows.into_iter().map(SigningKey::try_from).collect()
    }

    /// Returns what the store knows of the keyring as a whole.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keyring(&self) -> Result<KeyringRecord, StoreError> {
        let backend = self.0.get_database_backend();
        let clock = match backend {
            DatabaseBackend::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)",
            _ => "NULL",
        };
        let statement =
            Statement::from_string(backend, format!("SELECT revision, derivation, {clock} AS clock FROM keyring"));
        let Some(row) = self.0.query_one_raw(statement).await? else {
            return Ok(KeyringRecord { revision: 0, derivation: None, clock: None });
        };
        Ok(KeyringRecord {
            revision: row.try_get("", "revision")?,
            derivation: row.try_get("", "derivation")?,
            clock: row.try_get::<Option<i64>>("", "clock")?.map(Timestamp::from_unix),
        })
    }

    /// Stores what other keys are derived from.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn set_derivation(&self, derivation: &str) -> Result<(), StoreError> {
        keyring::Entity::update_many()
            .col_expr(keyring::Column::Derivation, Expr::value(derivation))
            .exec(&self.0)
            .await?;
        self.touch().await
    }

    /// Returns the longest lifetime of signed tokens that any client has of its own, in seconds.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn longest_lifetime(&self) -> Result<i64, StoreError> {
        let text = "SELECT MAX(access_token_seconds) AS access, MAX(id_token_seconds) AS id FROM clients";
        let statement = Statement::from_string(self.0.get_database_backend(), text);
        let Some(row) = self.0.query_one_raw(statement).await? else { return Ok(0) };
        let column = |name: &str| row.try_get::<Option<i64>>("", name);
        Ok(Ord::max(column("access")?, column("id")?).unwrap_or_default())
    }

    /// Returns how many answers of the token endpoint from `first` to `last` are on record.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn answers(&self, first: Timestamp, last: Timestamp) -> Result<u64, StoreError> {
        let statement = Statement::from_sql_and_values(
            self.0.get_database_backend(),
            "SELECT COUNT(*) AS answers FROM access_tokens WHERE issued_at >= $1 AND issued_at <= $2",
            [first.as_unix().into(), last.as_unix().into()],
        );
        let Some(row) = self.0.query_one_raw(statement).await? else { return Ok(0) };
        Ok(u64::try_from(row.try_get::<i64>("", "answers")?).unwrap_or_default())
    }

    /// Lets every replica see that something has changed.
    async fn touch(&self) -> Result<(), StoreError> {
        keyring::Entity::update_many()
            .col_expr(keyring::Column::Revision, Expr::col(keyring::Column::Revision).add(1))
            .exec(&self.0)
            .await?;
        Ok(())
    }
}
