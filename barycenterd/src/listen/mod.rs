//! The two listeners, from binding to the last answer.
//!
//! Both addresses are taken before anything else happens, so that a second daemon that was started by mistake
//! touches nothing; neither answers before the deployment is open. On SIGTERM `/readyz` turns 503 and, for
//! `server.drain_delay`, requests are still taken: whoever sends them here needs time to notice. Then running requests
//! finish within `server.shutdown_timeout`, and the database is closed. SIGINT comes from a person and skips the delay;
//! a second signal ends at once. A service manager is told when the daemon is ready, alive and stopping
//! (`supervisor.rs`).

mod address;
mod request;
mod signals;
mod supervisor;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use barycenter_core::clock::SystemClock;
use barycenter_core::config::{Config, Seconds};
use poem::listener::{Acceptor, AcceptorExt as _, TcpAcceptor};
use poem::{Endpoint, Server};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admin::{AdminToken, TokenError, admin_app};
use crate::app::{App, AppError};
use crate::metrics::{Listener, measure};
use crate::oidc::{backchannel_logout, public_app};
use crate::telemetry::LogFilter;
use crate::telemetry::follow::follow;

pub use address::AddressError;
pub use request::{Draining, RequestId, guard, read_body};
pub(crate) use signals::{Signals, Stop};
pub use tls::TlsError;

use address::Address;
use tls::{Files, Pair, configurations};

/// The largest body that a request to the public listener may have, in bytes.
pub const PUBLIC_BODY_BYTES: usize = 64 * 1024;

/// How long a connection may be silent.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);

/// How many requests one HTTP/2 connection may have under way.
const STREAMS: u32 = 100;

/// What stops the daemon.
#[derive(Debug, Error)]
pub enum ServeError {
    /// An address cannot be used.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The deployment cannot be opened.
    #[error(transparent)]
    App(#[from] AppError),
    /// A certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// There is no usable admin token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The system refuses signal handlers.
    #[error("signals cannot be handled: {0}")]
    Signals(#[source] io::Error),
    /// A listener broke down.
    #[error("a listener failed: {0}")]
    Listener(#[source] io::Error),
    /// Somebody did not want to wait.
    #[error("a second signal ended the daemon while requests were still running")]
    Impatient,
}

/// Serves until a signal comes.
///
/// # Errors
/// When an address, the deployment or the admin token cannot be used, or a second signal cuts the shutdown short.
pub async fn serve(config: Config, log: LogFilter) -> Result<(), ServeError> {
    let mut signals = Signals::install().map_err(ServeError::Signals)?;
    let public = Address::reserve(config.public_address(), "server.host, server.port").await?;
    let admin = Address::reserve(config.admin_address(), "server.admin_host, server.admin_port").await?;
    let certificates = Certificates::read(&config)?;
    let app = tokio::select! {
        app = App::open(config, Arc::new(SystemClock)) => Arc::new(App { log, ..app? }),
        stop = signals.next() => {
            tracing::info!(signal = stop.name(), "stopped while starting");
            return Ok(());
        }
    };
    let token = AdminToken::open(&app.config)?;
    let (public, admin) = (public.listen()?, admin.listen()?);
    crate::replica::arrive(&app, &address_of(&public)?.to_string()).await;
    announce(&app, address_of(&public)?, address_of(&admin)?);
    let watching = tokio::spawn(crate::watch::watch(Arc::clone(&app)));
    let tending =
        [tokio::spawn(crate::keyring::tend(Arc::clone(&app))), tokio::spawn(crate::keyring::mirror(Arc::clone(&app)))];
    let telling = tokio::spawn(backchannel_logout::serve(Arc::clone(&app)));
    let jobs = tokio::spawn(crate::jobs::serve(Arc::clone(&app)));
    let beating = tokio::spawn(crate::replica::beat(Arc::clone(&app), address_of(&public)?.to_string()));
    let following = tokio::spawn(follow(Arc::clone(&app)));
    let alive = tokio::spawn(supervisor::ready());
    let served = run(&app, token, (public, admin), certificates, &mut signals).await;
    alive.abort();
    following.abort();
    // A sync that is under way is rolled back; the next start goes on from there.
    watching.abort();
    tending.iter().for_each(JoinHandle::abort);
    // So is a message: whoever starts next delivers it.
    telling.abort();
    jobs.abort();
    beating.abort();
    crate::replica::leave(&app).await;
    if let Err(error) = app.store.clone().close().await {
        tracing::warn!(%error, "the database did not close cleanly");
    }
    served?;
    tracing::info!("stopped");
    Ok(())
}

/// The certificates of the listeners that speak TLS themselves.
struct Certificates {
    public: Option<(Files, Pair)>,
    admin: Option<(Files, Pair)>,
}

impl Certificates {
    fn read(config: &Config) -> Result<Self, TlsError> {
        let read = |files: Option<Files>| files.map(|files| files.read().map(|pair| (files, pair))).transpose();
        Ok(Self { public: read(Files::of_public(config))?, admin: read(Files::of_admin(config))? })
    }
}

/// Answers on both listeners until a signal comes and what was under way is done.
async fn run(
    app: &Arc<App>,
    token: AdminToken,
    (public, admin): (TcpListener, TcpListener),
    certificates: Certificates,
    signals: &mut Signals,
) -> Result<(), ServeError> {
    let draining = Draining::default();
    let (stop, stopped) = watch::channel(false);
    let timeout = app.config.server.shutdown_timeout.as_duration();
    let public_app = measure(guard(public_app(app), Some(PUBLIC_BODY_BYTES), &draining), app, Listener::Public);
    let admin_app = measure(guard(admin_app(app, token), None, &draining), app, Listener::Admin);
    let public = listen(public, certificates.public, public_app, stopped.clone(), timeout);
    let admin = listen(admin, certificates.admin, admin_app, stopped, timeout);
    let both = async { tokio::try_join!(public, admin).map(drop).map_err(ServeError::Listener) };
    tokio::pin!(both);
    let signal = tokio::select! {
        ended = &mut both => return ended,
        signal = signals.next() => signal,
    };
    let delay = app.config.server.drain_delay.filter(|_| signal == Stop::Terminate).unwrap_or(Seconds::new(0));
    tracing::info!(signal = signal.name(), %delay, ?timeout, "stopping");
    draining.begin();
    supervisor::stopping();
    tokio::select! {
        ended = &mut both => return ended,
        _ = signals.next() => return Err(ServeError::Impatient),
        () = tokio::time::sleep(delay.as_duration()) => {}
    }
    stop.send_replace(true);
    tokio::select! {
        (ended, ()) = async { tokio::join!(&mut both, app.jobs.stop(timeout)) } => ended,
        _ = signals.next() => Err(ServeError::Impatient),
    }
}

/// Answers on one listener, with TLS if it has a certificate.
async fn listen<E: Endpoint + 'static>(
    listener: TcpListener,
    certificate: Option<(Files, Pair)>,
    endpoint: E,
    stopped: watch::Receiver<bool>,
    timeout: Duration,
) -> io::Result<()> {
    let acceptor = TcpAcceptor::from_tokio(listener)?;
    match certificate {
        None => answer(acceptor, endpoint, stopped, timeout).await,
        Some((files, first)) => answer(acceptor.rustls(configurations(files, first)), endpoint, stopped, timeout).await,
    }
}

/// Answers until it is stopped.
async fn answer<E: Endpoint + 'static>(
    acceptor: impl Acceptor + 'static,
    endpoint: E,
    mut stopped: watch::Receiver<bool>,
    timeout: Duration,
) -> io::Result<()> {
    let signal = async move {
        // An error means that nobody can stop us any more: then we should be gone.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    Server::new_with_acceptor(acceptor)
        .idle_timeout(IDLE_TIMEOUT)
        .http2_max_concurrent_streams(STREAMS)
        .run_with_graceful_shutdown(endpoint, signal, Some(timeout))
        .await
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr, ServeError> {
    listener.local_addr().map_err(ServeError::Listener)
}

/// Says where we listen, and what an operator should know about it.
fn announce(app: &App, public: SocketAddr, admin: SocketAddr) {
    let issuer = &app.config.server.public_base_url;
    if !issuer.is_https() && !issuer.is_loopback() {
        tracing::warn!(%issuer, "server.public_base_url is http: passwords and tokens cross the network in clear text, and relying parties expect https");
    }
    if app.config.server.allow_public_registration {
        tracing::info!(
            "everybody who reaches the public address may register an account (server.allow_public_registration)"
        );
    }
    if !admin.ip().is_loopback() {
        tracing::info!(%admin, "the admin API is reachable from other machines; it answers to the admin token only");
    }
    tracing::info!(%public, %admin, %issuer, version = env!("CARGO_PKG_VERSION"), "ready");
}
