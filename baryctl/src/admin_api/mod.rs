//! The admin API of a server: one method per operation, all through [`AdminApi::execute`], which alone turns what
//! can go wrong on the way into kinds of errors.
//!
//! Redirects are not followed: the token is for this server only. Loopback addresses are never asked through a proxy.

mod connection;
mod operations;

use barycenter_core::model::Manager;
use barycenter_core::reconcile::{Adoption, Applied, Change, DesiredUser, Field, PlannedUser};
use barycenter_core::registration::NewClient;
use barycenter_core::secret::Secret;
use graphql_client::{GraphQLQuery, QueryBody, Response};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::admin_api::connection::{Connection, Patience};
use crate::admin_api::operations as operation;
use crate::error::{CtlError, Exit};
use crate::settings::ServerSettings;
use crate::target::Creation;
use crate::target::answer::{Client, Page, Place, SigningKey, User};

/// How many of a list are asked for at once.
const PAGE: i64 = 500;

/// A server's admin API.
#[derive(Debug)]
pub(crate) struct AdminApi {
    connection: Connection,
}

impl AdminApi {
    /// Prepares to talk to a server; nothing is sent yet.
    ///
    /// # Errors
    /// When there is no token or the certificate authorities cannot be read.
    pub(crate) fn new(settings: ServerSettings) -> Result<Self, CtlError> {
        Ok(Self { connection: Connection::new(settings)? })
    }

    /// Executes one operation.
    async fn execute<Q>(&self, operation: Q, variables: Q::Variables) -> Result<Q::ResponseData, CtlError>
    where
        Q: GraphQLQuery,
        Q::Variables: Serialize,
    {
        self.execute_patiently(operation, variables, Patience::default()).await
    }

    /// Executes one operation that may take long.
    async fn execute_patiently<Q>(
        &self,
        _: Q,
        variables: Q::Variables,
        patience: Patience,
    ) -> Result<Q::ResponseData, CtlError>
    where
        Q: GraphQLQuery,
        Q::Variables: Serialize,
    {
        let body: QueryBody<Q::Variables> = Q::build_query(variables);
        let answer = self.connection.post(&body, patience).await?;
        let response: Response<Q::ResponseData> = serde_json::from_slice(&answer).map_err(|error| {
            CtlError::new(
                Exit::Failed,
                format!("{} answers something that is not the admin API's: {error}", self.connection.address()),
            )
            .hint("is --server the address of the admin port, and are baryctl and barycenterd of the same version?")
        })?;
        if let Some(error) = response.errors.unwrap_or_default().into_iter().next() {
            return Err(refused(&error));
        }
        response
            .data
            .ok_or_else(|| CtlError::new(Exit::Failed, format!("{} answers nothing", self.connection.address())))
    }

    /// Returns which server this is.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn place(&self) -> Result<Place, CtlError> {
        let data = self.execute(operation::GetServer, operation::get_server::Variables).await?;
        Ok(Place {
            server: Some(self.connection.address().to_owned()),
            database: None,
            version: data.server_info.version,
        })
    }

    /// Returns users in the order of their names.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn users(&self, search: Option<String>, after: Option<String>) -> Result<Page<User>, CtlError> {
        let variables = operation::list_users::Variables { first: PAGE, after, search };
        let page = self.execute(operation::ListUsers, variables).await?.users;
        let next = page.end_cursor.filter(|_| page.has_next_page);
        Ok(Page { nodes: page.nodes.into_iter().map(User::from).collect(), next })
    }

    /// Returns a user by name.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn user(&self, username: String) -> Result<Option<User>, CtlError> {
        let data = self.execute(operation::GetUser, operation::get_user::Variables { username }).await?;
        Ok(data.user.map(User::from))
    }

    /// Says what would happen to these users.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn plan(
        &self,
        manager: &Manager,
        users: &[DesiredUser],
        adoption: &Adoption,
    ) -> Result<Vec<Change>, CtlError> {
        let input = operation::plan_users::PlanUsersInput {
            manager: manager.to_string(),
            users: users.iter().map(entry).collect::<Result<_, _>>()?,
            adopt: adoption.names.iter().cloned().collect(),
            adopt_all: adoption.all,
        };
        let data = self.execute(operation::PlanUsers, operation::plan_users::Variables { input }).await?;
        complete(data.plan_users.into_iter().map(Change::try_from), users.len())
    }

    /// Changes these users, all or none.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn apply(
        &self,
        manager: &Manager,
        entries: &[PlannedUser],
        adoption: &Adoption,
    ) -> Result<Applied, CtlError> {
        use operation::apply_users::{ApplyUsersApplyUsers as Payload, ApplyUsersInput, PlannedUserInput, Variables};

        let passwords = entries.iter().filter(|planned| matches!(planned.user.password, Field::Value(_))).count();
        let patience = Patience { passwords: u32::try_from(passwords).unwrap_or(u32::MAX) };
        let planned = |planned: &PlannedUser| {
            Ok(PlannedUserInput { user: entry(&planned.user)?, basis: planned.basis.as_str().to_owned() })
        };
        let input = ApplyUsersInput {
            manager: manager.to_string(),
            users: entries.iter().map(planned).collect::<Result<_, CtlError>>()?,
            adopt: adoption.names.iter().cloned().collect(),
            adopt_all: adoption.all,
        };
        match self.execute_patiently(operation::ApplyUsers, Variables { input }, patience).await?.apply_users {
            Payload::UsersApplied(applied) => {
                complete(applied.changes.into_iter().map(Change::try_from), entries.len()).map(Applied::Done)
            }
            Payload::UsersRefused(refused) => {
                let count = refused.conflicts.len();
                complete(refused.conflicts.into_iter().map(Change::try_from), count).map(Applied::Refused)
            }
        }
    }

    /// Returns how many users a manager owns.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn managed_count(&self, manager: &Manager) -> Result<u64, CtlError> {
        let variables = operation::count_managed_users::Variables { manager: manager.to_string() };
        let data = self.execute(operation::CountManagedUsers, variables).await?;
        Ok(u64::try_from(data.managed_user_count).unwrap_or_default())
    }

    /// Returns clients in the order of their ids.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn clients(&self, after: Option<String>) -> Result<Page<Client>, CtlError> {
        let variables = operation::list_clients::Variables { first: PAGE, after };
        let page = self.execute(operation::ListClients, variables).await?.clients;
        let next = page.end_cursor.filter(|_| page.has_next_page);
        Ok(Page { nodes: page.nodes.into_iter().map(Client::from).collect(), next })
    }

    /// Returns a client by id.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn client(&self, client_id: String) -> Result<Option<Client>, CtlError> {
        let data = self.execute(operation::GetClient, operation::get_client::Variables { client_id }).await?;
        Ok(data.client.map(Client::from))
    }

    /// Registers a client.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn create_client(&self, client: &NewClient) -> Result<Creation, CtlError> {
        use operation::create_client::{CreateClientCreateClient as Payload, CreateClientInput, Variables};

        let input = CreateClientInput {
            client_id: client.id.as_ref().map(ToString::to_string),
            name: client.name.clone(),
            authentication_method: client.authentication_method.into(),
            redirect_uris: client.redirect_uris.clone(),
            post_logout_redirect_uris: client.post_logout_redirect_uris.clone(),
            grant_types: client.grant_types.clone(),
            scopes: client.scopes.clone(),
            first_party: client.first_party,
        };
        Ok(match self.execute(operation::CreateClient, Variables { input }).await?.create_client {
            Payload::ClientCreated(created) => Creation::Created {
                client: Box::new(created.client.into()),
                secret: created.client_secret.map(Secret::new),
            },
            Payload::ClientExists(_) => Creation::Exists,
            Payload::ClientInvalid(invalid) => Creation::Invalid(invalid.faults),
        })
    }

    /// Removes a client; returns whether there was one.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn delete_client(&self, client_id: String) -> Result<bool, CtlError> {
        use operation::delete_client::{DeleteClientDeleteClient as Payload, Variables};

        let data = self.execute(operation::DeleteClient, Variables { client_id }).await?;
        Ok(matches!(data.delete_client, Payload::ClientDeleted(_)))
    }

    /// Returns the signing keys.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn keys(&self) -> Result<Vec<SigningKey>, CtlError> {
        let data = self.execute(operation::ListKeys, operation::list_keys::Variables).await?;
        Ok(data.keys.into_iter().map(SigningKey::from).collect())
    }
}

/// Returns an entry as the file has it.
fn entry(user: &DesiredUser) -> Result<Box<RawValue>, CtlError> {
    RawValue::from_string(user.entry.expose().to_owned())
        .map_err(|_| CtlError::new(Exit::Bug, format!("the entry of {} is no JSON", user.username)))
}

/// Refuses an answer that is not about every one of `count` users, or that this program does not understand.
fn complete(changes: impl Iterator<Item = Result<Change, String>>, count: usize) -> Result<Vec<Change>, CtlError> {
    let changes: Vec<Change> = changes.collect::<Result<_, String>>().map_err(|operation| {
        CtlError::new(
            Exit::Conflict,
            format!("the server plans an operation that this version does not know: {operation}"),
        )
        .hint("use the baryctl of the server's version")
    })?;
    if changes.len() == count {
        return Ok(changes);
    }
    Err(CtlError::new(Exit::Failed, format!("the server answers about {} users of {count}", changes.len())))
}

/// Turns a GraphQL error into ours by its `extensions.code`.
fn refused(error: &graphql_client::Error) -> CtlError {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code")?.as_str());
    let exit = match code {
        Some("BAD_INPUT") => Exit::Usage,
        Some("UNAUTHENTICATED" | "FORBIDDEN") => Exit::Auth,
        Some("NOT_FOUND") => Exit::NotFound,
        Some("CONFLICT") => Exit::Conflict,
        Some("UNAVAILABLE") => Exit::Unavailable,
        _ => Exit::Failed,
    };
    CtlError::new(exit, format!("the server refused: {}", error.message))
}

#[cfg(test)]
mod tests;
