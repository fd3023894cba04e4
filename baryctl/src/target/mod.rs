//! Where a command acts: a server's admin API, or the database itself. One method per operation, one match each;
//! commands do not know which of the two they talk to.

pub(crate) mod answer;
pub(crate) mod direct;
mod direct_jobs;
pub(crate) mod job;
pub(crate) mod keys;
mod sync;
pub(crate) mod upkeep;

use barycenter_core::doctor::Selection;
use barycenter_core::registration::NewClient;
use barycenter_core::secret::Secret;

use crate::admin_api::AdminApi;
use crate::error::CtlError;
use crate::target::answer::{
    Check, Client, Health, Invitation, Invited, LogFilter, Overview, Page, Place, SigningKey, User,
};
use crate::target::direct::Direct;

/// A place to act on.
pub(crate) enum Target {
    /// A server.
    Admin(Box<AdminApi>),
    /// The database.
    Direct(Box<Direct>),
}

/// What to do about the lines that are logged.
#[derive(Debug)]
pub(crate) enum LogChange {
    /// Nothing: only say what holds.
    None,
    /// Others, for so many seconds.
    Set {
        /// Which, as in `RUST_LOG`.
        filter: String,
        /// For how long.
        seconds: u64,
    },
    /// As configured.
    Reset,
}

/// What became of a client to register.
#[derive(Debug)]
pub(crate) enum Creation {
    /// Registered.
    Created {
        /// The client.
        client: Box<Client>,
        /// Its secret, shown this once; none for a public client.
        secret: Option<Secret>,
    },
    /// The id is taken; nothing was changed.
    Exists,
    /// Its metadata is wrong; nothing was changed.
    Invalid(Vec<String>),
}

impl Target {
    /// Returns what this target is.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn place(&self) -> Result<Place, CtlError> {
        match self {
            Self::Admin(api) => api.place().await,
            Self::Direct(direct) => Ok(direct.place()),
        }
    }

    /// Returns how the deployment stands.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn health(&self) -> Result<Health, CtlError> {
        match self {
            Self::Admin(api) => api.health().await,
            Self::Direct(direct) => direct.health().await,
        }
    }

    /// Returns what the deployment finds when it examines itself: the same checks on both targets.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn doctor(&self, selection: &Selection) -> Result<Vec<Check>, CtlError> {
        match self {
            Self::Admin(api) => api.doctor(selection).await,
            Self::Direct(direct) => Ok(direct.doctor(selection).await),
        }
    }

    /// Returns how much the deployment holds.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn overview(&self) -> Result<Overview, CtlError> {
        match self {
            Self::Admin(api) => api.overview().await,
            Self::Direct(direct) => direct.overview().await,
        }
    }

    /// Returns users in the order of their names: those after `after` whose name or e-mail address contains `search`.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn users(&self, search: Option<String>, after: Option<String>) -> Result<Page<User>, CtlError> {
        match self {
            Self::Admin(api) => api.users(search, after).await,
            Self::Direct(direct) => direct.users(search.as_deref(), after.as_deref()).await,
        }
    }

    /// Returns a user by name.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn user(&self, username: &str) -> Result<Option<User>, CtlError> {
        match self {
            Self::Admin(api) => api.user(username.to_owned()).await,
            Self::Direct(direct) => direct.user(username).await,
        }
    }

    /// Returns clients in the order of their ids, those after `after`.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn clients(&self, after: Option<String>) -> Result<Page<Client>, CtlError> {
        match self {
            Self::Admin(api) => api.clients(after).await,
            Self::Direct(direct) => direct.clients(after.as_deref()).await,
        }
    }

    /// Returns a client by id.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn client(&self, id: &str) -> Result<Option<Client>, CtlError> {
        match self {
            Self::Admin(api) => api.client(id.to_owned()).await,
            Self::Direct(direct) => direct.client(id).await,
        }
    }

    /// Registers a client.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn create_client(&self, client: &NewClient) -> Result<Creation, CtlError> {
        match self {
            Self::Admin(api) => api.create_client(client).await,
            Self::Direct(direct) => direct.create_client(client).await,
        }
    }

    /// Removes a client; returns whether there was one.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn delete_client(&self, id: &str) -> Result<bool, CtlError> {
        match self {
            Self::Admin(api) => api.delete_client(id.to_owned()).await,
            Self::Direct(direct) => direct.delete_client(id).await,
        }
    }

    /// Makes an initial access token.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn invite(&self, invitation: &Invitation) -> Result<Invited, CtlError> {
        match self {
            Self::Admin(api) => api.invite(invitation).await,
            Self::Direct(direct) => direct.invite(invitation).await,
        }
    }

    /// Changes which lines running daemons log; returns what holds then.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses; the database alone logs nothing.
    pub(crate) async fn log_filter(&self, change: LogChange) -> Result<LogFilter, CtlError> {
        match self {
            Self::Admin(api) => api.log_filter(change).await,
            Self::Direct(_) => Err(CtlError::usage("running daemons are told through their admin API, not --direct")
                .hint("baryctl --server URL log …")),
        }
    }

    /// Returns the signing keys, oldest first.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses.
    pub(crate) async fn keys(&self) -> Result<Vec<SigningKey>, CtlError> {
        match self {
            Self::Admin(api) => api.keys().await,
            Self::Direct(direct) => direct.keys().await,
        }
    }
}
