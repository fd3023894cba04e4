//! Clients in the database.

use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseExecutor, IntoActiveModel as _, QueryOrder as _, QuerySelect as _};

use crate::config::Seconds;
use crate::model::{Client, ClientAuthenticationMethod, ClientId, Manager, Timestamp, TokenLifetimes};
use crate::secret::Digest;
use crate::store::StoreError;
use crate::store::column::{Place, to_json};
use crate::store::ownership::Columns;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clients")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    name: String,
    authentication_method: String,
    secret_digest: Option<String>,
    redirect_uris: String,
    post_logout_redirect_uris: String,
    grant_types: String,
    scopes: String,
    first_party: bool,
    enabled: bool,
    origin: String,
    manager: Option<String>,
    declared: String,
    access_token_seconds: Option<i64>,
    id_token_seconds: Option<i64>,
    refresh_token_seconds: Option<i64>,
    metadata: String,
    sealed_secret: Option<String>,
    registration_digest: Option<String>,
    created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Client> for Model {
    fn from(client: &Client) -> Self {
        let Columns { origin, manager, declared } = Columns::from(&client.ownership);
        let seconds = |span: Option<Seconds>| span.map(Seconds::as_seconds);
        Self {
            id: client.id.to_string(),
            name: client.name.clone(),
            authentication_method: client.authentication_method.as_str().to_owned(),
            secret_digest: client.secret.as_ref().map(|digest| digest.as_str().to_owned()),
            redirect_uris: to_json(&client.redirect_uris),
            post_logout_redirect_uris: to_json(&client.post_logout_redirect_uris),
            grant_types: to_json(&client.grant_types),
            scopes: to_json(&client.scopes),
            first_party: client.first_party,
            enabled: client.enabled,
            origin,
            manager,
            declared,
            access_token_seconds: seconds(client.lifetimes.access_token),
            id_token_seconds: seconds(client.lifetimes.id_token),
            refresh_token_seconds: seconds(client.lifetimes.refresh_token),
            metadata: to_json(&client.metadata),
            sealed_secret: client.sealed_secret.clone(),
            registration_digest: client.registration_token.as_ref().map(|digest| digest.as_str().to_owned()),
            created_at: client.created_at.as_unix(),
        }
    }
}

impl TryFrom<Model> for Client {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let place = Place { table: "clients", row: &row.id };
        let seconds = |column, number: Option<i64>| {
            let span = |number: i64| u32::try_from(number).map(Seconds::new);
            number.map(span).transpose().map_err(|error| place.corrupt(column, error))
        };
        let lifetimes = TokenLifetimes {
            access_token: seconds("access_token_seconds", row.access_token_seconds)?,
            id_token: seconds("id_token_seconds", row.id_token_seconds)?,
            refresh_token: seconds("refresh_token_seconds", row.refresh_token_seconds)?,
        };
        let columns = Columns { origin: row.origin, manager: row.manager, declared: row.declared };
        let ownership = columns.read(place)?;
        Ok(Self {
            authentication_method: place.name(
                "authentication_method",
                &row.authentication_method,
                ClientAuthenticationMethod::from_name,
            )?,
            redirect_uris: place.json("redirect_uris", &row.redirect_uris)?,
            post_logout_redirect_uris: place.json("post_logout_redirect_uris", &row.post_logout_redirect_uris)?,
            grant_types: place.json("grant_types", &row.grant_types)?,
            scopes: place.json("scopes", &row.scopes)?,
            metadata: place.json("metadata", &row.metadata)?,
            id: ClientId::new(row.id),
            name: row.name,
            secret: row.secret_digest.map(Digest::from_stored),
            first_party: row.first_party,
            enabled: row.enabled,
            lifetimes,
            sealed_secret: row.sealed_secret,
            registration_token: row.registration_digest.map(Digest::from_stored),
            ownership,
            created_at: Timestamp::from_unix(row.created_at),
        })
    }
}

/// Returns the query for a client.
pub(super) fn find(id: &str) -> Select<Entity> {
    Entity::find_by_id(id)
}

/// Access to clients.
pub struct Clients<'a>(pub(super) DatabaseExecutor<'a>);

impl Clients<'_> {
    /// Stores a new client.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id is taken.
    pub async fn insert(&self, client: &Client) -> Result<(), StoreError> {
        Entity::insert(Model::from(client).into_active_model()).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Returns the client with this id.
    ///
    /// # Errors
    /// When the database does not answer or the row cannot be read.
    pub async fn by_id(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        if !id.is_well_formed() {
            return Ok(None);
        }
        find(id.as_str()).one(&self.0).await?.map(Client::try_from).transpose()
    }

    /// Returns up to `limit` clients by id, those after `after`.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn page(&self, limit: u64, after: Option<&str>) -> Result<Vec<Client>, StoreError> {
        let mut query = Entity::find().order_by_asc(Column::Id).limit(limit);
        if let Some(after) = after {
            query = query.filter(Column::Id.gt(after));
        }
        query.all(&self.0).await?.into_iter().map(Client::try_from).collect()
    }

    /// Returns the clients with these ids; at most a few thousand at once.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn by_ids(&self, ids: &[&str]) -> Result<Vec<Client>, StoreError> {
        let rows = Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(&self.0).await?;
        rows.into_iter().map(Client::try_from).collect()
    }

    /// Replaces everything about a client but its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn update(&self, client: &Client) -> Result<(), StoreError> {
        let mut row = Model::from(client).into_active_model().reset_all();
        row.id = sea_orm::ActiveValue::Unchanged(client.id.to_string());
        Entity::update(row).exec_without_returning(&self.0).await?;
        Ok(())
    }

    /// Returns how many clients a manager owns, and how many of them may be used.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_managed(&self, manager: &Manager) -> Result<(u64, u64), StoreError> {
        let owned = || Entity::find().filter(Column::Manager.eq(manager.as_str()));
        let all = owned().count(&self.0).await?;
        Ok((all, owned().filter(Column::Enabled.eq(true)).count(&self.0).await?))
    }

    /// Returns up to `limit` clients that a manager owns, by id, those after `after`.
    ///
    /// # Errors
    /// When the database does not answer or a row cannot be read.
    pub async fn managed_page(
        &self,
        manager: &Manager,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Client>, StoreError> {
        let mut query =
            Entity::find().filter(Column::Manager.eq(manager.as_str())).order_by_asc(Column::Id).limit(limit);
        if let Some(after) = after {
            query = query.filter(Column::Id.gt(after));
        }
        query.all(&self.0).await?.into_iter().map(Client::try_from).collect()
    }

    /// Removes a client with its consents, authorizations and tokens; returns whether there was one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete(&self, id: &ClientId) -> Result<bool, StoreError> {
        if !id.is_well_formed() {
            return Ok(false);
        }
        Ok(Entity::delete_by_id(id.as_str()).exec(&self.0).await?.rows_affected > 0)
    }
}
