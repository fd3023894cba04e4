//! One file per command: each takes its arguments and a [`Context`], asks a target, and hands the answer to
//! [`crate::render`].

mod backup;
mod clients;
mod completions;
pub(crate) mod config;
mod db;
mod diff;
mod doctor;
mod help;
mod jobs;
mod keys;
mod log;
pub(crate) mod man;
mod session;
mod status;
mod sync;
mod users;
mod users_files;
mod version;
mod wait;

use std::io::{ErrorKind, Read};

use barycenter_core::reconcile::Kind;
use dialoguer::{Confirm, Input};

use crate::cli::{
    Action, BackupAction, ClientsAction, ConfigAction, DbAction, GlobalArguments, JobsAction, KeysAction, LogAction,
    UsersAction,
};
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::settings::{Environment, Settings};

pub(crate) use session::Session;

/// What every command may use.
pub(crate) struct Context<'io> {
    /// How to talk.
    pub(crate) settings: Settings,
    /// The flags that every command takes.
    pub(crate) flags: GlobalArguments,
    /// The variables.
    pub(crate) environment: Environment,
    /// Standard input.
    pub(crate) stdin: &'io mut dyn Read,
    /// Whether a person sits at it.
    pub(crate) stdin_is_terminal: bool,
}

impl Context<'_> {
    /// Asks whether to do `what`, unless `--yes` says so already.
    ///
    /// # Errors
    /// When the answer is no, or nobody is there to ask.
    pub(crate) fn confirm(&self, what: &str) -> Result<(), CtlError> {
        if self.settings.yes {
            return Ok(());
        }
        self.require_somebody(what, "--yes")?;
        match Confirm::new().with_prompt(format!("About to {what}. Continue?")).default(false).interact() {
            Ok(true) => Ok(()),
            Ok(false) => Err(unconfirmed("not confirmed")),
            Err(error) => Err(not_asked(error)),
        }
    }

    /// Asks for `word` before `what`, which hits many, unless `--confirm` has it already.
    ///
    /// # Errors
    /// When it is not given, or nobody is there to ask.
    pub(crate) fn confirm_severe(&self, what: &str, word: &str) -> Result<(), CtlError> {
        if let Some(given) = &self.flags.confirm {
            return if given == word {
                Ok(())
            } else {
                Err(unconfirmed(&format!("to {what} needs --confirm {word}, not {given:?}")))
            };
        }
        self.require_somebody(what, &format!("--confirm {word}"))?;
        let prompt = format!("About to {what}. Type {word} to go on");
        match Input::<String>::new().with_prompt(prompt).allow_empty(true).interact_text() {
            Ok(typed) if typed == word => Ok(()),
            Ok(_) => Err(unconfirmed("not confirmed")),
            Err(error) => Err(not_asked(error)),
        }
    }

    fn require_somebody(&self, what: &str, flag: &str) -> Result<(), CtlError> {
        if self.settings.no_input || !self.stdin_is_terminal {
            return Err(unconfirmed(&format!("to {what} needs a confirmation, and nobody can be asked"))
                .hint(format!("if it is intended: {flag}")));
        }
        Ok(())
    }
}

fn unconfirmed(why: &str) -> CtlError {
    CtlError::new(Exit::Refused, format!("{why}; nothing was changed"))
}

fn not_asked(error: dialoguer::Error) -> CtlError {
    let dialoguer::Error::IO(error) = error;
    if error.kind() == ErrorKind::Interrupted {
        return CtlError::new(Exit::Interrupted, "interrupted; nothing was changed");
    }
    unconfirmed(&format!("cannot ask: {error}"))
}

/// Runs a command.
///
/// # Errors
/// Whatever ends it early.
pub(crate) fn run(action: Action, mut context: Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let _log = session::log(&context.settings)?;
    let context = &mut context;
    match action {
        Action::Status(arguments) => status::run(&arguments, context, printer),
        Action::Doctor(arguments) => doctor::run(&arguments, context, printer),
        Action::Wait(arguments) => wait::run(&arguments, context, printer),
        Action::Diff(arguments) => diff::run(&arguments, &Kind::ALL, context, printer),
        Action::Users(UsersAction::Diff(arguments)) => diff::run(&arguments, &[Kind::User], context, printer),
        Action::Clients(ClientsAction::Diff(arguments)) => diff::run(&arguments, &[Kind::Client], context, printer),
        Action::Sync(arguments) => sync::run(&arguments, &Kind::ALL, context, printer),
        Action::Users(UsersAction::Sync(arguments)) => sync::run(&arguments, &[Kind::User], context, printer),
        Action::Clients(ClientsAction::Sync(arguments)) => sync::run(&arguments, &[Kind::Client], context, printer),
        Action::Users(UsersAction::Export(arguments)) => users::export::run(&arguments, context, printer),
        Action::Users(UsersAction::Import(arguments)) => users::import::run(&arguments, context, printer),
        Action::Clients(ClientsAction::Export(arguments)) => clients::export::run(&arguments, context, printer),
        Action::Users(UsersAction::List(arguments)) => users::list::run(arguments, context, printer),
        Action::Users(UsersAction::Get(arguments)) => users::get::run(&arguments, context, printer),
        Action::Clients(ClientsAction::Create(arguments)) => clients::create::run(arguments, context, printer),
        Action::Clients(ClientsAction::List(arguments)) => clients::list::run(&arguments, context, printer),
        Action::Clients(ClientsAction::Get(arguments)) => clients::get::run(&arguments, context, printer),
        Action::Clients(ClientsAction::Delete(arguments)) => clients::delete::run(&arguments, context, printer),
        Action::Clients(ClientsAction::RegistrationToken(arguments)) => {
            clients::registration_token::run(&arguments, context, printer)
        }
        Action::Keys(KeysAction::List) => keys::list::run(context, printer),
        Action::Keys(KeysAction::Get(arguments)) => keys::get::run(&arguments, context, printer),
        Action::Keys(KeysAction::Rotate(arguments)) => keys::rotate::run(&arguments, context, printer),
        Action::Keys(KeysAction::Retire(arguments)) => keys::retire::run(&arguments, context, printer),
        Action::Keys(KeysAction::Import(arguments)) => keys::import::run(arguments, context, printer),
        Action::Keys(KeysAction::Export) => keys::export::run(context, printer),
        Action::Keys(KeysAction::Rewrap(arguments)) => keys::rewrap::run(&arguments, context, printer),
        Action::Jobs(JobsAction::List(arguments)) => jobs::list::run(&arguments, context, printer),
        Action::Jobs(JobsAction::Get(arguments)) => jobs::get::run(&arguments, context, printer),
        Action::Jobs(JobsAction::Trigger(arguments)) => jobs::trigger::run(&arguments, context, printer),
        Action::Jobs(JobsAction::Cancel(arguments)) => jobs::cancel::run(&arguments, context, printer),
        Action::Jobs(JobsAction::Logs(arguments)) => jobs::logs::run(&arguments, context, printer),
        Action::Log(LogAction::Get) => log::get::run(context, printer),
        Action::Log(LogAction::Set(arguments)) => log::set::run(arguments, context, printer),
        Action::Log(LogAction::Reset) => log::reset::run(context, printer),
        Action::Db(DbAction::Migrate(arguments)) => db::migrate::run(&arguments, context, printer),
        Action::Db(DbAction::Status) => db::status::run(context, printer),
        Action::Config(ConfigAction::Validate(arguments)) => config::validate::run(&arguments, context, printer),
        Action::Backup(BackupAction::Create(arguments)) => backup::create::run(&arguments, context, printer),
        Action::Backup(BackupAction::Verify(arguments)) => backup::verify::run(&arguments, printer),
        Action::Backup(BackupAction::Restore(arguments)) => backup::restore::run(&arguments, context, printer),
        Action::Config(ConfigAction::Print(arguments)) => config::print::run(&arguments, context, printer),
        Action::Config(ConfigAction::Explain(arguments)) => config::explain::run(&arguments, printer),
        Action::Version => version::run(printer),
        Action::Completions(arguments) => completions::run(&arguments, printer),
        Action::Man(arguments) => man::run(&arguments, printer),
        Action::Help(arguments) => help::run(&arguments, printer),
    }
}

#[cfg(test)]
mod direct_tests;
#[cfg(test)]
mod tests;
