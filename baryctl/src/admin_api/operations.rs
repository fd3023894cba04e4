//! The operations of `graphql/*.graphql`, checked against `schema/admin.graphql` at compile time, and how their
//! answers become ours.

use barycenter_core::doctor;
use barycenter_core::model::ClientAuthenticationMethod;
use graphql_client::GraphQLQuery;
use serde_json::Value;

use crate::target::answer;

/// The derives look at the operations only: without this a change of the schema alone would not rebuild them.
const _: &str = include_str!("../../../schema/admin.graphql");

/// RFC 3339 in UTC, as it stands.
type DateTime = String;
/// An identifier.
type Id = String;
/// A JSON value.
type Json = Value;

macro_rules! operations {
    ($($file:tt: $($name:ident),*;)*) => {$($(
        #[derive(GraphQLQuery)]
        #[graphql(
            schema_path = "../schema/admin.graphql",
            query_path = $file,
            normalization = "rust"
        )]
        pub(super) struct $name;
    )*)*};
}

pub(super) use operations;

operations! {
    "src/graphql/server.graphql": GetServer, GetHealth, RunDoctor, GetOverview;
    "src/graphql/users.graphql": ListUsers, GetUser;
    "src/graphql/clients.graphql": ListClients, GetClient, CreateClient, DeleteClient, CreateRegistrationToken;
    "src/graphql/keys.graphql": ListKeys, RotateKey, RetireKey, ImportKey;
    "src/graphql/jobs.graphql": ListJobs, ListJobRuns, GetJobRun, GetJobLog, TriggerJob, CancelJob;
    "src/graphql/log.graphql": GetLogFilter, SetLogFilter, ResetLogFilter;
}

/// Each operation has types of its own, alike but not the same.
macro_rules! users {
    ($($operation:ident),*) => {$(
        impl From<$operation::UserFields> for answer::User {
            fn from(user: $operation::UserFields) -> Self {
                Self {
                    id: user.id,
                    username: user.username,
                    external_id: user.external_id,
                    email: user.email,
                    email_verified: user.email_verified,
                    enabled: user.enabled,
                    protected: user.protected,
                    groups: user.groups,
                    properties: user.properties,
                    manager: user.manager,
                    has_password: user.has_password,
                    created_at: user.created_at,
                    updated_at: user.updated_at,
                    last_login_at: user.last_login_at,
                }
            }
        }
    )*};
}

users!(list_users, get_user);

macro_rules! clients {
    ($($operation:ident),*) => {$(
        impl From<$operation::ClientFields> for answer::Client {
            fn from(client: $operation::ClientFields) -> Self {
                use $operation::ClientAuthenticationMethod as Method;

                Self {
                    client_id: client.client_id,
                    name: client.name,
                    authentication_method: match client.authentication_method {
                        Method::ClientSecretBasic => ClientAuthenticationMethod::ClientSecretBasic.as_str().to_owned(),
                        Method::ClientSecretPost => ClientAuthenticationMethod::ClientSecretPost.as_str().to_owned(),
                        Method::ClientSecretJwt => ClientAuthenticationMethod::ClientSecretJwt.as_str().to_owned(),
                        Method::PrivateKeyJwt => ClientAuthenticationMethod::PrivateKeyJwt.as_str().to_owned(),
                        Method::None => ClientAuthenticationMethod::None.as_str().to_owned(),
                        Method::Other(name) => name.to_lowercase(),
                    },
                    redirect_uris: client.redirect_uris,
                    post_logout_redirect_uris: client.post_logout_redirect_uris,
                    grant_types: client.grant_types,
                    scopes: client.scopes,
                    first_party: client.first_party,
                    enabled: client.enabled,
                    manager: client.manager,
                    access_token_seconds: client.access_token_seconds,
                    id_token_seconds: client.id_token_seconds,
                    refresh_token_seconds: client.refresh_token_seconds,
                    metadata: answer::object(client.metadata),
                    created_at: client.created_at,
                }
            }
        }
    )*};
}

clients!(list_clients, get_client, create_client);

macro_rules! signing_keys {
    (@jwk $key_value:ident $jwk:ident) => { $key_value.$jwk };
    (@jwk $key_value:ident) => { Value::Null };
    ($($operation:ident: $key:ident $(, $jwk:ident)?;)*) => {$(
        impl From<$operation::$key> for answer::SigningKey {
            fn from(key: $operation::$key) -> Self {
                use $operation::SigningKeyState as State;

                Self {
                    kid: key.kid,
                    algorithm: key.algorithm,
                    state: match key.state {
                        State::Pending => "pending".to_owned(),
                        State::Active => "active".to_owned(),
                        State::Retiring => "retiring".to_owned(),
                        State::Retired => "retired".to_owned(),
                        State::Other(name) => name.to_lowercase(),
                    },
                    created_at: key.created_at,
                    activates_at: key.activates_at,
                    activated_at: key.activated_at,
                    signs_until: key.signs_until,
                    verifies_until: key.verifies_until,
                    retired_at: key.retired_at,
                    public_jwk: signing_keys!(@jwk key $($jwk)?),
                }
            }
        }
    )*};
}

macro_rules! log_filters {
    ($($operation:ident),*) => {$(
        impl From<$operation::LogFilterFields> for answer::LogFilter {
            fn from(log: $operation::LogFilterFields) -> Self {
                Self { filter: log.filter, configured: log.configured, expires_at: log.expires_at }
            }
        }
    )*};
}

log_filters!(get_log_filter, set_log_filter, reset_log_filter);

signing_keys! {
    list_keys: KeyFields, public_jwk;
    rotate_key: KeyFields, public_jwk;
    retire_key: KeyFields, public_jwk;
    import_key: KeyFields, public_jwk;
    get_health: GetHealthKeys;
}

impl From<run_doctor::RunDoctorDoctor> for answer::Check {
    fn from(check: run_doctor::RunDoctorDoctor) -> Self {
        use run_doctor::CheckStatus as Status;

        Self {
            id: check.id,
            group: check.group,
            status: match check.status {
                Status::Ok => doctor::Status::Ok,
                Status::Failed => doctor::Status::Failed,
                Status::Skipped => doctor::Status::Skipped,
                Status::Warning | Status::Other(_) => doctor::Status::Warning,
            },
            message: check.message,
            fix: check.fix,
            took_ms: u64::try_from(check.took_ms).unwrap_or_default(),
        }
    }
}

impl From<get_overview::GetOverviewOverview> for answer::Overview {
    fn from(overview: get_overview::GetOverviewOverview) -> Self {
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        Self {
            database_version: overview.database_version,
            latency_ms: count(overview.latency_ms),
            users: count(overview.users),
            enabled_users: count(overview.enabled_users),
            clients: count(overview.clients),
            sessions: count(overview.sessions),
            replicas: count(overview.replicas),
            failed_jobs: count(overview.failed_jobs),
        }
    }
}

impl From<get_health::GetHealthSyncRuns> for answer::FileSync {
    fn from(run: get_health::GetHealthSyncRuns) -> Self {
        use get_health::SyncOutcome as Outcome;

        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        Self {
            manager: run.manager,
            origin: run.origin,
            outcome: match run.outcome {
                Outcome::Ok => "ok".to_owned(),
                Outcome::Partial => "partial".to_owned(),
                Outcome::Failed => "failed".to_owned(),
                Outcome::Other(name) => name.to_lowercase(),
            },
            created: count(run.created),
            updated: count(run.updated),
            disabled: count(run.disabled),
            deleted: count(run.deleted),
            conflicts: count(run.conflicts),
            message: run.message,
            finished_at: run.finished_at,
        }
    }
}

impl From<ClientAuthenticationMethod> for create_client::ClientAuthenticationMethod {
    fn from(method: ClientAuthenticationMethod) -> Self {
        match method {
            ClientAuthenticationMethod::ClientSecretBasic => Self::ClientSecretBasic,
            ClientAuthenticationMethod::ClientSecretPost => Self::ClientSecretPost,
            ClientAuthenticationMethod::ClientSecretJwt => Self::ClientSecretJwt,
            ClientAuthenticationMethod::PrivateKeyJwt => Self::PrivateKeyJwt,
            ClientAuthenticationMethod::None => Self::None,
        }
    }
}
