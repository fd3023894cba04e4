//! The command line of `barycenterd`: parse, load the configuration, begin to log, run, exit code.
//!
//! | command | file |
//! |---|---|
//! | `serve` (also without any command) | `crate::listen` |
//! | `migrate` | here |
//! | `check-config` | `configuration.rs` |
//! | `healthcheck` | `healthcheck.rs` |
//! | `sync-users` | `sync_users.rs` |
//! | `schema` | `schema.rs` |
//! | `completions`, `man` | `pages.rs` |
//!
//! Exit codes: 0 done, 1 failed while running, 2 usage or configuration; `sync-users` ends as `baryctl users sync`
//! does. Through a link called `barycenter` it is the same program.

mod arguments;
mod configuration;
mod failure;
mod healthcheck;
mod output;
pub mod pages;
mod schema;
mod sync_users;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::future::Future;
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Duration;

use barycenter_core::config::{Config, Seconds};
use barycenter_core::store::Store;
use clap::FromArgMatches as _;

use crate::cli::arguments::{Action, Cli};
use crate::cli::failure::{Exit, Failure};
use crate::listen::{Signals, Stop};
use crate::telemetry::Telemetry;
use crate::{listen, telemetry};

pub use arguments::command;
pub use schema::files as schema_files;

/// The environment of the process.
pub type Environment = BTreeMap<String, String>;

/// How long threads that still hash passwords may hold up the end.
const GRACE: Duration = Duration::from_millis(500);

/// Runs the program with what the process has.
#[must_use]
pub fn process() -> ExitCode {
    let text = |text: OsString| text.to_string_lossy().into_owned();
    let environment = env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
    run(env::args_os().collect(), environment)
}

/// Runs the program.
#[must_use]
pub fn run(arguments: Vec<OsString>, environment: Environment) -> ExitCode {
    let parsed = arguments::command_called(arguments.first()).try_get_matches_from(arguments);
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    match act(cli, &environment) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn act(cli: Cli, environment: &Environment) -> Result<(), Failure> {
    let config = cli.config.as_deref();
    match cli.action.unwrap_or(Action::Serve) {
        Action::Serve => {
            let (mut config, telemetry) = prepare(config, environment)?;
            config.server.drain_delay.get_or_insert(drain_delay(environment));
            let database = config.database.url.to_string();
            let filter = telemetry.filter.clone();
            let outcome = block_on(async move {
                listen::serve(config, filter).await.map_err(|error| Failure::from(error).at(&database))
            });
            telemetry.end();
            outcome
        }
        Action::Migrate => {
            let (config, _telemetry) = prepare(config, environment)?;
            let database = config.database.url.to_string();
            block_on(unless_stopped(async move { migrate(&config).await.map_err(|failure| failure.at(&database)) }))
        }
        Action::SyncUsers(arguments) => {
            let job = sync_users::Job::read(&arguments, environment)?;
            let (config, _telemetry) = prepare(config, environment)?;
            let database = config.database.url.to_string();
            block_on(unless_stopped(async move { job.run(config).await.map_err(|failure| failure.at(&database)) }))
        }
        Action::CheckConfig(arguments) => configuration::check(config, environment, arguments.print),
        Action::Healthcheck(arguments) => healthcheck::run(&arguments, config, environment),
        Action::Schema(arguments) => schema::print(arguments.schema),
        Action::Completions(arguments) => pages::print_completions(arguments.shell),
        Action::Man(arguments) => pages::print_manual(arguments.dir.as_deref()),
    }
}

/// Loads the configuration and begins to log as it says.
fn prepare(file: Option<&std::path::Path>, environment: &Environment) -> Result<(Config, Telemetry), Failure> {
    let config = configuration::load(file, environment)?;
    let telemetry =
        telemetry::begin(&config, environment).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    Ok((config, telemetry))
}

/// How long to take requests after SIGTERM when nobody has said: in a pod, the cluster goes on sending them until its
/// nodes have heard that the pod is not ready.
fn drain_delay(environment: &Environment) -> Seconds {
    Seconds::new(if environment.contains_key("KUBERNETES_SERVICE_HOST") { 5 } else { 0 })
}

/// Brings the database's schema up to date.
async fn migrate(config: &Config) -> Result<(), Failure> {
    let store = Store::connect(&config.database).await?;
    let steps = store.migrate().await?;
    let status = store.schema_status().await?;
    store.close().await?;
    for step in &steps {
        output::note(&format!("took step {step}"));
    }
    let version = status.version();
    let line = if steps.is_empty() {
        format!("nothing to do: the schema is {version}")
    } else {
        format!("migrated: the schema is {version}")
    };
    output::print(&format!("{line}\n"))
}

/// Does `work`, or ends where it stands when a signal comes: transactions under way are rolled back.
async fn unless_stopped(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let mut signals = Signals::install()
        .map_err(|error| Failure::new(Exit::Failed, format!("signals cannot be handled: {error}")))?;
    let stop = tokio::select! {
        outcome = work => return outcome,
        stop = signals.next() => stop,
    };
    let exit = match stop {
        Stop::Terminate => Exit::Terminated,
        Stop::Interrupt => Exit::Interrupted,
    };
    Err(Failure::new(exit, format!("stopped by {}; run the same command again to finish", stop.name())))
}

/// Runs `work` on as many threads as the machine has processors, and does not wait for stragglers at the end.
fn block_on<F: Future<Output = Result<(), Failure>>>(work: F) -> Result<(), Failure> {
    let threads = available_parallelism().map_or(2, std::num::NonZero::get).clamp(2, 16);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .max_blocking_threads(threads.saturating_mul(4))
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot start threads: {error}")))?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(GRACE);
    outcome
}
