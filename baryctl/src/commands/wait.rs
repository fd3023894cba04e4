//! `baryctl wait`: blocks until something holds. For init containers (with --direct, before any server) and pipelines.
//!
//! A look that fails is no failure: that is what is waited through. Only what no waiting mends ends it early: a command
//! line that is wrong, a token that the server does not accept, a database that is newer than this program, a run of a
//! job that has ended badly (3) or that nobody knows (5). At the end of the time: 8 if nothing could be reached, 1 if it
//! could and does not hold.

use std::time::Duration;

use barycenter_core::model::JobRunId;
use tokio::time::{Instant, sleep, timeout};

use crate::admin_api::AdminApi;
use crate::admin_api::probe::probe;
use crate::cli::{Condition, WaitArguments};
use crate::commands::session::locally;
use crate::commands::{Context, config};
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::render::list::missing;
use crate::settings::{ServerSettings, TargetSettings, TokenSource};
use crate::target::answer::SigningKey;
use crate::target::direct::{Absence, Direct};
use crate::target::job::JobRun;

/// How long one look may take.
const LOOK: Duration = Duration::from_secs(5);

/// What a look saw of one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// It holds.
    Holds,
    /// It does not, and why.
    Not(String),
    /// Nobody can tell: nothing is reached.
    Unreached(String),
    /// It never will.
    Never(CtlError),
}

impl Seen {
    /// Returns why waiting is in vain, if it is.
    fn in_vain(&self) -> Option<CtlError> {
        match self {
            Self::Never(error) => Some(error.clone()),
            Self::Holds | Self::Not(_) | Self::Unreached(_) => None,
        }
    }

    /// Returns why it does not hold, if it does not.
    fn why(&self) -> Option<&str> {
        match self {
            Self::Holds => None,
            Self::Not(why) | Self::Unreached(why) => Some(why),
            Self::Never(error) => Some(&error.message),
        }
    }
}

/// What happened so far.
struct Progress<'a> {
    conditions: &'a [Condition],
    seen: Vec<Seen>,
    reached: bool,
}

/// Runs the command.
///
/// # Errors
/// When waiting is pointless, or in vain.
pub(crate) fn run(
    arguments: &WaitArguments,
    context: &Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let WaitArguments { conditions, timeout, interval } = arguments;
    let target = TargetSettings::resolve(&context.flags, &context.environment)?;
    if let (TargetSettings::Direct, Some(other)) =
        (&target, conditions.iter().find(|one| matches!(one, Condition::Live | Condition::Ready)))
    {
        return Err(CtlError::usage(format!("{other} is a server's; --direct has none"))
            .hint("wait for db and migrated, or name the server: --server URL"));
    }
    let names: Vec<String> = conditions.iter().map(ToString::to_string).collect();
    printer.note(format_args!("waiting for {} ({})", names.join(", "), words(*timeout)));
    let started = std::time::Instant::now();
    let mut progress = Progress { conditions, seen: vec![Seen::Not(String::new()); conditions.len()], reached: false };
    let outcome = locally(async {
        let deadline = Instant::now() + *timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let seen = look(&target, conditions, context, LOOK.min(left.max(*interval))).await?;
            if let Some(error) = seen.iter().find_map(Seen::in_vain) {
                return Err(error);
            }
            if let Some(line) = progress.update(seen, started.elapsed()) {
                printer.note(line);
            }
            if progress.seen.iter().all(|seen| *seen == Seen::Holds) {
                return Ok(Exit::Ok);
            }
            if Instant::now() + *interval >= deadline {
                return Err(progress.in_vain(*timeout));
            }
            sleep(*interval).await;
        }
    })?;
    Ok(outcome)
}

impl Progress<'_> {
    /// Takes in what a look saw; returns what there is to say about it.
    fn update(&mut self, now: Vec<Seen>, elapsed: Duration) -> Option<String> {
        self.reached |= now.iter().any(|seen| !matches!(seen, Seen::Unreached(_)));
        if now == self.seen {
            return None;
        }
        let seconds = elapsed.as_secs();
        let parts: Vec<String> = self
            .conditions
            .iter()
            .zip(self.seen.iter().zip(&now))
            .filter_map(|(condition, (before, now))| match now.why() {
                None if *before != Seen::Holds => Some(format!("{condition} ok after {seconds}s")),
                None => None,
                Some(why) => Some(format!("{condition}: {why}")),
            })
            .collect();
        self.seen = now;
        Some(parts.join("; "))
    }

    fn in_vain(&self, timeout: Duration) -> CtlError {
        let open: Vec<String> = self
            .conditions
            .iter()
            .zip(&self.seen)
            .filter_map(|(condition, seen)| seen.why().map(|why| format!("{condition}: {why}")))
            .collect();
        let (exit, message) = if self.reached {
            (Exit::No, format!("not so after {}", words(timeout)))
        } else {
            (Exit::Unavailable, format!("not reached within {}", words(timeout)))
        };
        open.into_iter().fold(CtlError::new(exit, message), CtlError::detail)
    }
}

/// `2m`, `90s`, `500ms`.
fn words(duration: Duration) -> String {
    let (seconds, rest) = (duration.as_secs(), duration.subsec_millis());
    match (seconds, rest) {
        (0, _) => format!("{rest}ms"),
        (_, 0) if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        (..60, rest) if rest > 0 => format!("{seconds}.{}s", rest / 100),
        _ => format!("{seconds}s"),
    }
}

/// Looks at every condition once.
async fn look(
    target: &TargetSettings,
    conditions: &[Condition],
    context: &Context<'_>,
    patience: Duration,
) -> Result<Vec<Seen>, CtlError> {
    match target {
        TargetSettings::Server(server) => {
            let server = ServerSettings { timeout: server.timeout.min(patience), ..server.clone() };
            let mut seen = Vec::new();
            for condition in conditions {
                seen.push(ask(&server, condition).await?);
            }
            Ok(seen)
        }
        TargetSettings::Direct => match timeout(patience, open(conditions, context)).await {
            Ok(seen) => seen,
            Err(_) => Ok(all(conditions, &Seen::Unreached(format!("no answer within {}", words(patience))))),
        },
    }
}

fn all(conditions: &[Condition], seen: &Seen) -> Vec<Seen> {
    vec![seen.clone(); conditions.len()]
}

/// Asks a server.
async fn ask(server: &ServerSettings, condition: &Condition) -> Result<Seen, CtlError> {
    let path = match condition {
        Condition::Reachable | Condition::Live => "/livez",
        _ => "/readyz?verbose",
    };
    let answer = match probe(server, path, server.timeout).await {
        Ok(answer) => answer,
        Err(error) if error.exit == Exit::Unavailable => return Ok(Seen::Unreached(error.message)),
        Err(error) => return Err(error),
    };
    let of_check = |name: &str| match answer.check(name) {
        Some(true) => Seen::Holds,
        _ => Seen::Not(answer.faults()),
    };
    match condition {
        Condition::Reachable => Ok(Seen::Holds),
        Condition::Live | Condition::Ready if answer.ok => Ok(Seen::Holds),
        Condition::Live | Condition::Ready => Ok(Seen::Not(answer.faults())),
        Condition::Db => Ok(of_check("database")),
        Condition::Migrated => Ok(of_check("migrations")),
        Condition::User(_) | Condition::KeyActive(_) | Condition::Job(_) => {
            authenticated(server, condition).await.or_else(later)
        }
    }
}

/// Asks a server what it tells operators only.
async fn authenticated(server: &ServerSettings, condition: &Condition) -> Result<Seen, CtlError> {
    match &server.token {
        TokenSource::Missing => {
            return Err(CtlError::new(Exit::Auth, format!("{condition} needs the admin token, and none is given"))
                .hint("--token-file FILE (barycenterd writes admin.token beside its root key)"));
        }
        // The first start of the daemon writes it.
        TokenSource::File(file) if !file.exists() => {
            return Ok(Seen::Not(format!("the token file {} does not exist yet", file.display())));
        }
        TokenSource::File(_) | TokenSource::Text(_) => {}
    }
    let api = AdminApi::new(server.clone())?;
    Ok(match condition {
        Condition::User(name) => there_is(api.user(name.clone()).await?.is_some()),
        Condition::KeyActive(kid) => signs(&api.keys().await?, kid.as_deref()),
        Condition::Job(id) => has_ended(api.job_run(id).await?, id),
        _ => Seen::Holds,
    })
}

/// What may be otherwise at the next look.
fn later(error: CtlError) -> Result<Seen, CtlError> {
    match error.exit {
        Exit::Unavailable => Ok(Seen::Unreached(error.message)),
        Exit::Failed => Ok(Seen::Not(error.message)),
        _ => Err(error),
    }
}

/// Opens the database and asks it.
async fn open(conditions: &[Condition], context: &Context<'_>) -> Result<Vec<Seen>, CtlError> {
    let direct = match Direct::open(config::load(context)?, Absence::Refused).await {
        Ok(direct) => direct,
        Err(error) if error.exit == Exit::Usage => return Err(error),
        Err(error) => return Ok(all(conditions, &Seen::Unreached(error.message))),
    };
    let mut seen = Vec::new();
    for condition in conditions {
        match of_database(&direct, condition).await.or_else(later) {
            Ok(one) => seen.push(one),
            Err(error) => {
                direct.close().await;
                return Err(error);
            }
        }
    }
    direct.close().await;
    Ok(seen)
}

async fn of_database(direct: &Direct, condition: &Condition) -> Result<Seen, CtlError> {
    let status = direct.schema().await?;
    let old =
        || Seen::Not(format!("schema {}, need {}", status.version(), barycenter_core::store::SchemaStatus::newest()));
    if matches!(condition, Condition::Reachable | Condition::Db) {
        return Ok(Seen::Holds);
    }
    if !status.unknown.is_empty() {
        // Waiting brings no older schema.
        status.require_current()?;
    }
    if !status.pending.is_empty() {
        return Ok(old());
    }
    Ok(match condition {
        Condition::User(name) => there_is(direct.user(name).await?.is_some()),
        Condition::KeyActive(kid) => signs(&direct.keys().await?, kid.as_deref()),
        Condition::Job(id) => has_ended(direct.job_run(&JobRunId::new(id)).await?, id),
        _ => Seen::Holds,
    })
}

fn there_is(is_there: bool) -> Seen {
    if is_there { Seen::Holds } else { Seen::Not("there is no such user".to_owned()) }
}

/// Only a run that has ended well is what was waited for; one that has ended otherwise never will be.
fn has_ended(run: Option<JobRun>, id: &str) -> Seen {
    let Some(run) = run else { return Seen::Never(missing("run", &[id])) };
    if run.is_running() {
        return Seen::Not(format!("{} is running", run.job));
    }
    if run.is_ok() {
        return Seen::Holds;
    }
    let error = run.error.as_deref().unwrap_or("it says nothing about why");
    Seen::Never(
        CtlError::new(Exit::Failed, format!("{} {}: {error}", run.job, run.state))
            .hint(format!("what it said: baryctl jobs logs {id}")),
    )
}

fn signs(keys: &[SigningKey], kid: Option<&str>) -> Seen {
    let mut wanted = keys.iter().filter(|key| kid.is_none_or(|kid| key.kid == kid));
    match (wanted.clone().any(|key| key.state == "active"), wanted.next(), kid) {
        (true, ..) => Seen::Holds,
        (false, Some(key), Some(_)) => Seen::Not(format!("is {}", key.state)),
        (false, _, Some(_)) => Seen::Not("there is no such key".to_owned()),
        (false, _, None) => Seen::Not("no key signs".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_told_and_nothing_twice() {
        let conditions = [Condition::Db, Condition::Migrated];
        let mut progress =
            Progress { conditions: &conditions, seen: vec![Seen::Not(String::new()); 2], reached: false };
        let away = Seen::Unreached("connection refused".to_owned());
        let line = progress.update(vec![away.clone(), away.clone()], Duration::from_secs(1));
        assert_eq!(line.unwrap(), "db: connection refused; migrated: connection refused");
        assert_eq!(progress.update(vec![away.clone(), away], Duration::from_secs(2)), None);
        assert_eq!(progress.in_vain(Duration::from_secs(120)).exit, Exit::Unavailable);
        let old = Seen::Not("schema 0041, need 0042".to_owned());
        let line = progress.update(vec![Seen::Holds, old], Duration::from_secs(6));
        assert_eq!(line.unwrap(), "db ok after 6s; migrated: schema 0041, need 0042");
        let error = progress.in_vain(Duration::from_secs(120));
        assert_eq!((error.exit, error.message.as_str()), (Exit::No, "not so after 2m"));
        assert_eq!(error.details, ["migrated: schema 0041, need 0042"]);
        let line = progress.update(vec![Seen::Holds, Seen::Holds], Duration::from_secs(19));
        assert_eq!(line.unwrap(), "migrated ok after 19s");
    }

    #[test]
    fn durations_are_written_as_they_are_given() {
        let texts = [120_000, 90_000, 500, 2_500, 1_000].map(|ms| words(Duration::from_millis(ms)));
        assert_eq!(texts, ["2m", "90s", "500ms", "2.5s", "1s"]);
    }
}
