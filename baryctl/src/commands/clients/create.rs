//! `baryctl clients create NAME`: registers a client. Its secret is shown once: alone on stdout, or in a file that
//! only its owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use barycenter_core::model::{ClientAuthenticationMethod, ClientId};
use barycenter_core::registration::NewClient;
use barycenter_core::secret::Secret;
use clap::ValueEnum;
use serde_json::json;

use crate::cli::{AuthenticationChoice, ClientCreate, Format};
use crate::commands::Context;
use crate::commands::clients::further;
use crate::commands::session::with_target;
use crate::error::{CtlError, Exit};
use crate::render::{Printer, counted, plain};
use crate::target::Creation;
use crate::target::answer::{Client, Place};

/// Runs the command.
///
/// # Errors
/// When the client is not sound, exists already, or the target refuses.
pub(crate) fn run(arguments: ClientCreate, context: &Context<'_>, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    let secret_file = arguments.secret_file.as_deref();
    let client = client(&arguments)?;
    let has_secret = client.authentication_method.has_secret();
    if !has_secret && secret_file.is_some() {
        let method = name(arguments.auth);
        return Err(CtlError::usage(format!("a client with --auth {method} has no secret for --secret-file")));
    }
    if printer.format() == Format::Name && has_secret && secret_file.is_none() {
        return Err(CtlError::usage("-o name would not show the secret, which is shown only once")
            .hint("have it written: --secret-file FILE"));
    }
    with_target(context, |session| {
        let place = session.wait(session.target.place())?;
        // Before anything is registered: a secret that cannot be written would be lost.
        let file = secret_file.map(SecretFile::create).transpose()?;
        match session.wait(session.target.create_client(&client)) {
            Ok(Creation::Created { client, secret }) => {
                report(&client, secret.as_ref(), file, &place, printer)?;
                Ok(Exit::Ok)
            }
            refused => {
                if let Some(file) = file {
                    file.discard();
                }
                Err(match refused {
                    Ok(Creation::Invalid(faults)) => invalid(&client, faults),
                    Ok(_) => exists(id(&arguments)),
                    Err(error) => error,
                })
            }
        }
    })
}

/// Returns the client that the arguments describe.
fn client(arguments: &ClientCreate) -> Result<NewClient, CtlError> {
    Ok(NewClient {
        id: Some(ClientId::new(id(arguments))),
        name: arguments.name.clone(),
        authentication_method: match arguments.auth {
            AuthenticationChoice::Basic => ClientAuthenticationMethod::ClientSecretBasic,
            AuthenticationChoice::Post => ClientAuthenticationMethod::ClientSecretPost,
            AuthenticationChoice::SecretJwt => ClientAuthenticationMethod::ClientSecretJwt,
            AuthenticationChoice::PrivateKeyJwt => ClientAuthenticationMethod::PrivateKeyJwt,
            AuthenticationChoice::None => ClientAuthenticationMethod::None,
        },
        redirect_uris: arguments.redirect_uris.clone(),
        post_logout_redirect_uris: arguments.post_logout_redirect_uris.clone(),
        grant_types: arguments.grants.iter().map(|grant| name(*grant)).collect(),
        scopes: arguments.scopes.iter().map(|scope| name(*scope)).collect(),
        first_party: arguments.first_party,
        metadata: further::metadata(&arguments.further)?,
    })
}

/// Returns the client id that the arguments name.
fn id(arguments: &ClientCreate) -> &str {
    arguments.id.as_deref().unwrap_or(&arguments.name)
}

/// Returns a choice as the command line, and the specification, spells it.
fn name(choice: impl ValueEnum) -> String {
    choice.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

fn invalid(client: &NewClient, faults: Vec<String>) -> CtlError {
    let mut failure = CtlError::usage(format!(
        "{} with client {:?}; nothing was changed",
        counted(faults.len(), "problem"),
        client.name
    ));
    let about_id = faults.iter().any(|fault| fault.starts_with("client id"));
    failure.details = faults;
    if about_id { failure.hint("give an id of its own: --id ID") } else { failure }
}

fn exists(id: &str) -> CtlError {
    CtlError::new(Exit::Conflict, format!("client {id:?} exists already; nothing was changed"))
        .hint("give another id: --id ID")
        .hint(format!("see it: baryctl clients get {id}"))
}

fn report(
    client: &Client,
    secret: Option<&Secret>,
    file: Option<SecretFile<'_>>,
    place: &Place,
    printer: &mut Printer<'_>,
) -> Result<(), CtlError> {
    let written = match (&file, secret) {
        (Some(file), Some(secret)) => Some(file.write(secret)?),
        _ => None,
    };
    let in_answer = if written.is_some() { None } else { secret };
    match printer.format() {
        Format::Json | Format::Ndjson => printer
            .document("ClientCreated", &json!({ "client": client, "client_secret": in_answer.map(Secret::expose) }))?,
        Format::Name => printer.line(plain(&client.client_id))?,
        Format::Table | Format::Wide | Format::Value => {}
    }
    printer.flush()?;
    let grants = client.grant_types.join(", ");
    printer.note(format_args!(
        "created client {} ({}, {}) on {}",
        plain(&client.client_id),
        plain(&grants),
        plain(&client.authentication_method),
        plain(place.address())
    ));
    if let Some(path) = written {
        printer.note(format_args!("its secret is in {}", path.display()));
    }
    if let (Format::Table | Format::Wide | Format::Value, Some(secret)) = (printer.format(), in_answer) {
        printer.line(secret.expose())?;
        printer.flush()?;
    }
    Ok(())
}

/// A file that will hold the secret: new, and for its owner only.
struct SecretFile<'a> {
    path: &'a Path,
    file: File,
}

impl<'a> SecretFile<'a> {
    fn create(path: &'a Path) -> Result<Self, CtlError> {
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = opened.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                CtlError::usage(format!("the secret file {} exists already", path.display())).hint("name a new file")
            }
            _ => CtlError::usage(format!("the secret file {} cannot be created: {error}", path.display())),
        })?;
        Ok(Self { path, file })
    }

    fn write(&self, secret: &Secret) -> Result<&'a Path, CtlError> {
        let mut file = &self.file;
        let written = writeln!(file, "{}", secret.expose()).and_then(|()| file.sync_all());
        written.map_err(|error| {
            CtlError::new(
                Exit::Failed,
                format!("the client was created, but its secret cannot be written to {}: {error}", self.path.display()),
            )
            .hint("delete the client and create it again")
        })?;
        Ok(self.path)
    }

    /// Takes back the empty file.
    fn discard(self) {
        let _ = fs::remove_file(self.path);
    }
}
