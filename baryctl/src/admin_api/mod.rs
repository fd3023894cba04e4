//! The admin API of a server: one method per operation, all through [`AdminApi::execute`], which alone turns what
//! can go wrong on the way into kinds of errors.
//!
//! Redirects are not followed: the token is for this server only. Loopback addresses are never asked through a proxy.

pub(crate) mod connection;
mod jobs;
mod keys;
mod operations;
pub(crate) mod probe;
mod sync;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use barycenter_core::doctor::Selection;
use barycenter_core::registration::NewClient;
use barycenter_core::secret::{Secret, random_bytes};
use graphql_client::{GraphQLQuery, QueryBody, Response};
use serde::Serialize;
use serde_json::Value;
use tokio::time::sleep;

use crate::admin_api::connection::{Connection, Patience};
use crate::admin_api::operations as operation;
use crate::error::{CtlError, Exit};
use crate::settings::ServerSettings;
use crate::target::answer::{
    Check, Client, FileSync, Health, Invitation, Invited, LogFilter, Overview, Page, Place, SigningKey, User,
};
use crate::target::{Creation, LogChange};

/// How many of a list are asked for at once.
const PAGE: i64 = 500;

/// How long to wait before trying again, at most, each time.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// A server's admin API.
#[derive(Debug)]
pub(crate) struct AdminApi {
    connection: Connection,
    /// Whether the server has answered before: then it is worth trying again.
    reached: AtomicBool,
}

impl AdminApi {
    /// Prepares to talk to a server; nothing is sent yet.
    ///
    /// # Errors
    /// When there is no token or the certificate authorities cannot be read.
    pub(crate) fn new(settings: ServerSettings) -> Result<Self, CtlError> {
        Ok(Self { connection: Connection::new(settings)?, reached: AtomicBool::new(false) })
    }

    /// Executes one operation.
    async fn execute<Q>(&self, _: Q, variables: Q::Variables) -> Result<Q::ResponseData, CtlError>
    where
        Q: GraphQLQuery,
        Q::Variables: Serialize,
    {
        let body: QueryBody<Q::Variables> = Q::build_query(variables);
        self.send::<Q>(&body, Patience::default()).await
    }

    /// Executes one operation that may be sent twice and may take long: tried again when the connection breaks.
    async fn insist<Q>(&self, _: Q, variables: Q::Variables, patience: Patience) -> Result<Q::ResponseData, CtlError>
    where
        Q: GraphQLQuery,
        Q::Variables: Serialize,
    {
        let body: QueryBody<Q::Variables> = Q::build_query(variables);
        let mut pauses = PAUSES.iter();
        loop {
            let error = match self.send::<Q>(&body, patience).await {
                Err(error) if error.exit == Exit::Unavailable && self.reached.load(Ordering::Relaxed) => error,
                outcome => return outcome,
            };
            let Some(pause) = pauses.next() else { return Err(error) };
            // Half of it up to all of it: those who lost the same server do not come back together.
            let [share] = random_bytes::<1>();
            let pause = *pause / 2 + *pause * u32::from(share) / 512;
            tracing::debug!(?pause, error = error.message, "trying again");
            sleep(pause).await;
        }
    }

    async fn send<Q>(&self, body: &QueryBody<Q::Variables>, patience: Patience) -> Result<Q::ResponseData, CtlError>
    where
        Q: GraphQLQuery,
        Q::Variables: Serialize,
    {
        let answer = self.connection.post(body, patience).await?;
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
        self.reached.store(true, Ordering::Relaxed);
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
            metadata: Some(Value::Object(client.metadata.clone())).filter(|_| !client.metadata.is_empty()),
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

    /// Makes an initial access token.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn invite(&self, invitation: &Invitation) -> Result<Invited, CtlError> {
        use operation::create_registration_token::{
            CreateRegistrationTokenCreateRegistrationToken as Payload, CreateRegistrationTokenInput, Variables,
        };

        let input = CreateRegistrationTokenInput {
            description: invitation.description.clone(),
            uses: invitation.uses.map(i64::from),
            lifetime_seconds: invitation.lifetime.as_seconds(),
        };
        let data = self.execute(operation::CreateRegistrationToken, Variables { input }).await?;
        match data.create_registration_token {
            Payload::RegistrationTokenCreated(created) => Ok(Invited {
                token: Secret::new(created.token),
                uses: created.uses,
                expires_at: created.expires_at,
                registration_is_on: created.registration_is_on,
            }),
            Payload::RegistrationTokenInvalid(invalid) => Err(CtlError::usage(invalid.faults.join("; "))),
        }
    }

    /// Returns how the deployment stands.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn health(&self) -> Result<Health, CtlError> {
        let target = self.place().await?;
        let data = self.execute(operation::GetHealth, operation::get_health::Variables).await?;
        let server = data.server_info;
        Ok(Health {
            target,
            issuer: server.issuer,
            database: server.database,
            schema: server.schema_version,
            started_at: Some(server.started_at),
            keys: data.keys.into_iter().map(SigningKey::from).collect(),
            users_files: FileSync::latest(data.sync_runs.into_iter().map(FileSync::from)),
        })
    }

    /// Changes which lines are logged; returns what holds then.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn log_filter(&self, change: LogChange) -> Result<LogFilter, CtlError> {
        use operation::{get_log_filter, reset_log_filter, set_log_filter};

        Ok(match change {
            LogChange::None => {
                self.execute(operation::GetLogFilter, get_log_filter::Variables).await?.log_filter.into()
            }
            LogChange::Set { filter, seconds } => {
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                let variables = set_log_filter::Variables { filter, seconds };
                self.execute(operation::SetLogFilter, variables).await?.set_log_filter.into()
            }
            LogChange::Reset => {
                self.execute(operation::ResetLogFilter, reset_log_filter::Variables).await?.reset_log_filter.into()
            }
        })
    }

    /// Returns what the server finds when it examines itself.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn doctor(&self, selection: &Selection) -> Result<Vec<Check>, CtlError> {
        let only = selection.only.iter().map(|group| group.as_str().to_owned()).collect();
        let variables = operation::run_doctor::Variables { only, skip: selection.skip.clone() };
        let data = self.execute(operation::RunDoctor, variables).await?;
        Ok(data.doctor.into_iter().map(Check::from).collect())
    }

    /// Returns how much the deployment holds.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub(crate) async fn overview(&self) -> Result<Overview, CtlError> {
        let data = self.execute(operation::GetOverview, operation::get_overview::Variables).await?;
        Ok(data.overview.into())
    }
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
