//! `baryctl users export`: the users as a users file that `diff` finds identical. Passwords are not part of it, unless
//! their hashes are asked for, which only the database itself gives.

use crate::cli::UsersExport;
use crate::commands::Context;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::export::Export;
use crate::render::{Printer, counted};
use crate::target::Target;

/// What has to be typed before hashes leave the database.
const WORD: &str = "hashes";

/// Runs the command.
///
/// # Errors
/// When the target refuses or the file cannot be written.
pub(crate) fn run(arguments: &UsersExport, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let UsersExport { export: options, with_password_hashes } = arguments;
    with_target(context, |session| {
        let hashes = match (&session.target, with_password_hashes) {
            (_, false) => None,
            (Target::Direct(direct), true) => {
                context.confirm_severe("write every user's password hash to a file", WORD)?;
                Some(direct)
            }
            (Target::Admin(_), true) => {
                return Err(CtlError::usage(
                    "password hashes never leave a server; --with-password-hashes needs --direct",
                ));
            }
        };
        let manager = options.managed_by.as_deref();
        let mut export = Export::begin(printer, &options.file, options.format, manager, "users")?;
        let mut after = None;
        loop {
            let page = session.wait(session.target.users(None, after))?;
            let wanted: Vec<_> =
                page.nodes.iter().filter(|user| manager.is_none() || user.manager.as_deref() == manager).collect();
            let known = match hashes {
                Some(direct) => {
                    let ids: Vec<&str> = wanted.iter().map(|user| user.id.as_str()).collect();
                    session.wait(direct.password_hashes(&ids))?
                }
                None => std::collections::HashMap::new(),
            };
            for user in wanted {
                export.user(user, known.get(&user.id).map(String::as_str))?;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let length = export.end(&options.file)?;
        if options.file.as_os_str() != "-" {
            printer.note(format_args!("wrote {}: {}", options.file.display(), counted(length, "user")));
        }
        Ok(Exit::Ok)
    })
}
