//! A command's connection to its target, the runtime that it waits on, and the signals that end the wait.
//!
//! Nothing of this exists before a command needs it: `baryctl --version` starts no runtime and no TLS.

use std::future::Future;

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::admin_api::AdminApi;
use crate::commands::{Context, config};
use crate::error::{CtlError, Exit};
use crate::settings::{ServerSettings, Settings, TargetSettings, TokenSource, is_loopback};
use crate::target::Target;
use crate::target::direct::{Absence, Direct};

/// A connection.
pub(crate) struct Session<T> {
    runtime: Runtime,
    /// What it leads to.
    pub(crate) target: T,
}

/// Starts to log to stderr, if that is wanted, until the returned value is dropped.
///
/// # Errors
/// When `BARYCTL_LOG` is no filter.
pub(crate) fn log(settings: &Settings) -> Result<Option<tracing::subscriber::DefaultGuard>, CtlError> {
    let filter = match (settings.verbose, &settings.log) {
        (0, None) => return Ok(None),
        (0, Some(filter)) => filter.as_str(),
        (1, _) => "baryctl=debug",
        _ => "baryctl=debug,barycenter_core=debug",
    };
    let filter =
        EnvFilter::try_new(filter).map_err(|error| CtlError::usage(format!("BARYCTL_LOG {filter:?}: {error}")))?;
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).finish();
    Ok(Some(tracing::subscriber::set_default(subscriber)))
}

fn runtime() -> Result<Runtime, CtlError> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CtlError::new(Exit::Failed, format!("cannot start: {error}")))
}

/// Waits for `future`, or for a signal that ends the program.
async fn unless_told_to_stop<T>(future: impl Future<Output = Result<T, CtlError>>) -> Result<T, CtlError> {
    let failed = |error: std::io::Error| CtlError::new(Exit::Failed, format!("cannot listen for signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    tokio::select! {
        answer = future => answer,
        _ = interrupt.recv() => Err(CtlError::new(Exit::Interrupted, "interrupted")),
        _ = terminate.recv() => Err(CtlError::new(Exit::Terminated, "terminated")),
    }
}

/// Waits for what needs no session of its own.
///
/// # Errors
/// Those of `future`; and when SIGINT or SIGTERM arrives first.
pub(crate) fn locally<A>(future: impl Future<Output = Result<A, CtlError>>) -> Result<A, CtlError> {
    let runtime = runtime()?;
    let outcome = runtime.block_on(unless_told_to_stop(future));
    runtime.shutdown_background();
    outcome
}

impl<T> Session<T> {
    /// Waits for an answer.
    ///
    /// # Errors
    /// Those of `future`; and when SIGINT or SIGTERM arrives first.
    pub(crate) fn wait<A>(&self, future: impl Future<Output = Result<A, CtlError>>) -> Result<A, CtlError> {
        self.runtime.block_on(unless_told_to_stop(future))
    }
}

impl<T> Session<T> {
    /// Waits for what has to be done even after a signal.
    ///
    /// # Errors
    /// Those of `future`.
    pub(crate) fn finish<A>(&self, future: impl Future<Output = Result<A, CtlError>>) -> Result<A, CtlError> {
        self.runtime.block_on(future)
    }
}

impl Session<Target> {
    /// Connects to what flags and environment name. A database must have this program's schema.
    ///
    /// # Errors
    /// When it cannot be reached, or may not be used.
    pub(crate) fn open(context: &Context<'_>) -> Result<Self, CtlError> {
        match TargetSettings::resolve(&context.flags, &context.environment)? {
            TargetSettings::Server(settings) => {
                if matches!(settings.token, TokenSource::Missing) {
                    return Err(no_token(&settings, context));
                }
                let api = AdminApi::new(settings)?;
                Ok(Self { runtime: runtime()?, target: Target::Admin(Box::new(api)) })
            }
            TargetSettings::Direct => {
                let direct = Session::<Direct>::open(context, Absence::Refused)?;
                direct.wait(direct.target.require_schema())?;
                Ok(Self { runtime: direct.runtime, target: Target::Direct(Box::new(direct.target)) })
            }
        }
    }

    /// Ends the connection in good order.
    pub(crate) fn close(self) {
        if let Target::Direct(direct) = self.target {
            self.runtime.block_on(direct.close());
        }
        self.runtime.shutdown_background();
    }
}

impl Session<Direct> {
    /// Opens the database that the daemon's configuration names, whatever schema it has.
    ///
    /// # Errors
    /// When the configuration is wrong or the database cannot be opened.
    pub(crate) fn open(context: &Context<'_>, absence: Absence) -> Result<Self, CtlError> {
        let loaded = config::load(context)?;
        let runtime = runtime()?;
        let target = runtime.block_on(unless_told_to_stop(Direct::open(loaded, absence)))?;
        Ok(Self { runtime, target })
    }

    /// Ends the connection in good order.
    pub(crate) fn close(self) {
        self.runtime.block_on(self.target.close());
        self.runtime.shutdown_background();
    }
}

/// Opens a session, lets `work` use it, and closes it whatever happened.
///
/// # Errors
/// When the target cannot be opened, and those of `work`.
pub(crate) fn with_target<A>(
    context: &Context<'_>,
    work: impl FnOnce(&Session<Target>) -> Result<A, CtlError>,
) -> Result<A, CtlError> {
    let session = Session::<Target>::open(context)?;
    let outcome = work(&session);
    session.close();
    outcome
}

/// The same on the database, whatever schema it has.
///
/// # Errors
/// When the database cannot be opened, and those of `work`.
pub(crate) fn with_database<A>(
    context: &Context<'_>,
    absence: Absence,
    work: impl FnOnce(&Session<Direct>) -> Result<A, CtlError>,
) -> Result<A, CtlError> {
    if context.flags.server.is_some() {
        return Err(CtlError::usage("this command acts on the database itself; --server cannot be given"));
    }
    let session = Session::<Direct>::open(context, absence)?;
    let outcome = work(&session);
    session.close();
    outcome
}

/// The error of a server without a token. A token that lies about is named, never taken: whoever acts must mean it.
fn no_token(settings: &ServerSettings, context: &Context<'_>) -> CtlError {
    let failure =
        CtlError::new(Exit::Auth, format!("the admin API at {} needs a token, and none is given", settings.address()));
    let file =
        is_loopback(&settings.url).then(|| config::admin_token_file(&context.flags, &context.environment)).flatten();
    match file {
        Some(file) => failure.hint(format!("--token-file {}", file.display())),
        None => failure.hint(
            "name the file that holds it: --token-file FILE (barycenterd writes admin.token beside its root key)",
        ),
    }
}
