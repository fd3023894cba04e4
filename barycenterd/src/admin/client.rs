//! Clients: the queries `clients` and `client`, the mutations `createClient` and `deleteClient`.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, Union};
use barycenter_core::config::Seconds;
use barycenter_core::model;
use barycenter_core::model::{ClientId, GrantType, Scope};
use barycenter_core::registration::{NewClient, RegistrationError, register_client};
use serde_json::{Map, Value};

use crate::admin::error::{failed, fault};
use crate::admin::limits::{page_cost, page_size};
use crate::admin::scalar::DateTime;
use crate::app::App;

/// How a client proves who it is at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "model::ClientAuthenticationMethod")]
pub(super) enum ClientAuthenticationMethod {
    /// Client id and secret in the `Authorization` header.
    ClientSecretBasic,
    /// Client id and secret in the form.
    ClientSecretPost,
    /// A JWT that is authenticated with the secret (RFC 7523).
    ClientSecretJwt,
    /// A JWT that is signed with a key of its own (RFC 7523).
    PrivateKeyJwt,
    /// Not at all: a public client, which must use PKCE.
    None,
}

/// A relying party.
#[derive(SimpleObject)]
pub(super) struct Client {
    client_id: ID,
    /// The name that users see.
    name: String,
    authentication_method: ClientAuthenticationMethod,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    grant_types: Vec<&'static str>,
    scopes: Vec<&'static str>,
    /// Whether it belongs to the same organisation: its users are not asked for consent.
    first_party: bool,
    /// Whether it may be used.
    enabled: bool,
    /// The users file that owns it, if one does.
    manager: Option<String>,
    /// How long its access tokens live; null: as configured.
    access_token_seconds: Option<i64>,
    /// How long its ID Tokens live; null: as configured.
    id_token_seconds: Option<i64>,
    /// How long its refresh tokens live, unused; null: as configured.
    refresh_token_seconds: Option<i64>,
    /// Everything else that it is registered with, an object named as OpenID Connect Dynamic Client Registration 2 and
    /// schema/users.schema.json name it; what has its default is left out.
    metadata: Value,
    created_at: DateTime,
}

impl From<model::Client> for Client {
    fn from(client: model::Client) -> Self {
        Self {
            client_id: client.id.as_str().into(),
            name: client.name,
            authentication_method: client.authentication_method.into(),
            redirect_uris: client.redirect_uris,
            post_logout_redirect_uris: client.post_logout_redirect_uris,
            grant_types: client.grant_types.into_iter().map(GrantType::as_str).collect(),
            scopes: client.scopes.iter().map(Scope::as_str).collect(),
            first_party: client.first_party,
            enabled: client.enabled,
            manager: client.ownership.manager().map(ToString::to_string),
            access_token_seconds: client.lifetimes.access_token.map(Seconds::as_seconds),
            id_token_seconds: client.lifetimes.id_token.map(Seconds::as_seconds),
            refresh_token_seconds: client.lifetimes.refresh_token.map(Seconds::as_seconds),
            metadata: Value::Object(client.metadata.to_map()),
            created_at: DateTime(client.created_at),
        }
    }
}

/// Some clients, by id.
#[derive(SimpleObject)]
pub(super) struct ClientPage {
    nodes: Vec<Client>,
    /// Pass it as `after` to get the next page.
    end_cursor: Option<String>,
    has_next_page: bool,
}

/// A client to register.
#[derive(InputObject)]
pub(super) struct CreateClientInput {
    /// 1 to 128 letters, digits and - . _ ~; without one it is generated.
    client_id: Option<ID>,
    name: String,
    #[graphql(default_with = "ClientAuthenticationMethod::ClientSecretBasic")]
    authentication_method: ClientAuthenticationMethod,
    redirect_uris: Vec<String>,
    #[graphql(default)]
    post_logout_redirect_uris: Vec<String>,
    /// As the specifications spell them; none: authorization_code and refresh_token.
    #[graphql(default)]
    grant_types: Vec<String>,
    /// None: all that this provider knows.
    #[graphql(default)]
    scopes: Vec<String>,
    #[graphql(default)]
    first_party: bool,
    /// Everything else, an object named as in `Client.metadata`.
    metadata: Option<Value>,
}

impl TryFrom<CreateClientInput> for NewClient {
    type Error = ClientInvalid;

    fn try_from(input: CreateClientInput) -> Result<Self, ClientInvalid> {
        let metadata = match input.metadata {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(map)) => map,
            Some(_) => return Err(ClientInvalid { faults: vec!["metadata is not an object".to_owned()] }),
        };
        Ok(Self {
            id: input.client_id.map(|id| ClientId::new(id.0)),
            name: input.name,
            authentication_method: input.authentication_method.into(),
            redirect_uris: input.redirect_uris,
            post_logout_redirect_uris: input.post_logout_redirect_uris,
            grant_types: input.grant_types,
            scopes: input.scopes,
            first_party: input.first_party,
            metadata,
        })
    }
}

/// The secret is shown here once and kept only as a digest; null for a public client.
#[derive(SimpleObject)]
pub(super) struct ClientCreated {
    client: Box<Client>,
    client_secret: Option<String>,
}

/// Another client has this id.
#[derive(SimpleObject)]
pub(super) struct ClientExists {
    client_id: ID,
}

/// Everything that is wrong with the description.
#[derive(SimpleObject)]
pub(super) struct ClientInvalid {
    faults: Vec<String>,
}

/// What became of a registration.
#[derive(Union)]
pub(super) enum CreateClientPayload {
    Created(ClientCreated),
    Exists(ClientExists),
    Invalid(ClientInvalid),
}

/// It is gone, with its consents and tokens.
#[derive(SimpleObject)]
pub(super) struct ClientDeleted {
    client_id: ID,
}

/// No client has this id.
#[derive(SimpleObject)]
pub(super) struct ClientNotFound {
    client_id: ID,
}

/// What became of a removal.
#[derive(Union)]
pub(super) enum DeleteClientPayload {
    Deleted(ClientDeleted),
    NotFound(ClientNotFound),
}

/// Queries about clients.
#[derive(Default)]
pub(super) struct ClientQuery;

#[Object]
impl ClientQuery {
    /// Clients by id, at most 1,000 at once.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn clients(
        &self,
        context: &Context<'_>,
        #[graphql(default = 100)] first: i32,
        after: Option<String>,
    ) -> async_graphql::Result<ClientPage> {
        let app = context.data::<Arc<App>>()?;
        let size = page_size(first);
        let found = app.store.clients().page(size.saturating_add(1), after.as_deref()).await;
        let mut found = found.map_err(|error| failed(context, &error))?;
        let has_next_page = found.len() as u64 > size;
        found.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        let end_cursor = found.last().map(|client| client.id.to_string());
        Ok(ClientPage { nodes: found.into_iter().map(Client::from).collect(), end_cursor, has_next_page })
    }

    /// The client with this id.
    async fn client(&self, context: &Context<'_>, client_id: ID) -> async_graphql::Result<Option<Client>> {
        let app = context.data::<Arc<App>>()?;
        let found = app.store.clients().by_id(&ClientId::new(client_id.0)).await;
        Ok(found.map_err(|error| failed(context, &error))?.map(Client::from))
    }
}

/// What can be done with clients.
#[derive(Default)]
pub(super) struct ClientMutation;

#[Object]
impl ClientMutation {
    /// Registers a client.
    async fn create_client(
        &self,
        context: &Context<'_>,
        input: CreateClientInput,
    ) -> async_graphql::Result<CreateClientPayload> {
        let app = context.data::<Arc<App>>()?;
        let new = match NewClient::try_from(input) {
            Ok(new) => new,
            Err(invalid) => return Ok(CreateClientPayload::Invalid(invalid)),
        };
        match register_client(&app.store, Some(&app.client_secrets), new, app.now()).await {
            Ok(registered) => {
                tracing::info!(client_id = %registered.client.id, "registered a client");
                let client_secret = registered.secret.map(|secret| secret.expose().to_owned());
                Ok(CreateClientPayload::Created(ClientCreated {
                    client: Box::new(registered.client.into()),
                    client_secret,
                }))
            }
            Err(RegistrationError::Exists(id)) => {
                Ok(CreateClientPayload::Exists(ClientExists { client_id: id.as_str().into() }))
            }
            Err(RegistrationError::Invalid(faults)) => Ok(CreateClientPayload::Invalid(ClientInvalid { faults })),
            Err(RegistrationError::Store(error)) => Err(failed(context, &error)),
            Err(RegistrationError::Keyring(error)) => Err(fault(context, &error)),
        }
    }

    /// Removes a client with its consents and tokens.
    async fn delete_client(&self, context: &Context<'_>, client_id: ID) -> async_graphql::Result<DeleteClientPayload> {
        let app = context.data::<Arc<App>>()?;
        let id = ClientId::new(client_id.as_str());
        let deleted = app.store.clients().delete(&id).await.map_err(|error| failed(context, &error))?;
        if deleted {
            tracing::info!(client_id = %id, "removed a client");
            return Ok(DeleteClientPayload::Deleted(ClientDeleted { client_id }));
        }
        Ok(DeleteClientPayload::NotFound(ClientNotFound { client_id }))
    }
}
