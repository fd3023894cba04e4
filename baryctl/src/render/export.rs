//! Users and clients as a users file: one after the other, in the order of their names, so that it can live in git and
//! `diff` finds it identical.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};
use tempfile::NamedTempFile;

use crate::cli::ExportFormat;
use crate::error::{CtlError, Exit};
use crate::render::Printer;
use crate::target::answer::{Client, User};

/// An entry of `users`.
#[derive(Serialize)]
struct UserEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a str>,
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    email_verified: bool,
    enabled: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    protected: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    groups: &'a [String],
    #[serde(skip_serializing_if = "is_nothing")]
    properties: &'a Value,
}

fn is_nothing(value: &Value) -> bool {
    value.as_object().is_none_or(Map::is_empty)
}

/// An entry of `clients`.
#[derive(Serialize)]
struct ClientEntry<'a> {
    client_id: &'a str,
    name: &'a str,
    enabled: bool,
    authentication_method: &'a str,
    redirect_uris: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    post_logout_redirect_uris: &'a [String],
    grant_types: &'a [String],
    scopes: &'a [String],
    first_party: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token_lifetime: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token_lifetime: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_lifetime: Option<i64>,
    #[serde(flatten)]
    metadata: &'a Map<String, Value>,
}

/// Where an export goes: stdout, or a file that appears when it is complete.
enum Output<'p, 'io> {
    Stdout(&'p mut Printer<'io>),
    File(BufWriter<NamedTempFile>),
}

/// An export under way.
pub(crate) struct Export<'p, 'io> {
    output: Output<'p, 'io>,
    format: ExportFormat,
    length: u64,
}

impl<'p, 'io> Export<'p, 'io> {
    /// Begins; `list` is `users` or `clients`.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(crate) fn begin(
        printer: &'p mut Printer<'io>,
        file: &Path,
        format: ExportFormat,
        manager: Option<&str>,
        list: &str,
    ) -> Result<Self, CtlError> {
        let output = if file.as_os_str() == "-" {
            Output::Stdout(printer)
        } else {
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            Output::File(BufWriter::new(NamedTempFile::new_in(folder).map_err(|error| unwritable(file, &error))?))
        };
        let mut export = Self { output, format, length: 0 };
        let manager = manager.map(|manager| Value::from(manager).to_string());
        match (format, manager) {
            (ExportFormat::Json, Some(manager)) => {
                export.write(&format!("{{\n  \"manager\": {manager},\n  \"{list}\": ["))?
            }
            (ExportFormat::Json, None) => export.write(&format!("{{\n  \"{list}\": ["))?,
            (ExportFormat::Ndjson, Some(manager)) => export.write(&format!("{{\"manager\":{manager}}}\n"))?,
            (ExportFormat::Ndjson, None) => {}
        }
        Ok(export)
    }

    /// Adds a user.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn user(&mut self, user: &User, hash: Option<&str>) -> Result<(), CtlError> {
        self.push(&UserEntry {
            external_id: user.external_id.as_deref(),
            username: &user.username,
            email: user.email.as_deref(),
            email_verified: user.email_verified,
            enabled: user.enabled,
            protected: user.protected,
            password_hash: hash,
            groups: &user.groups,
            properties: &user.properties,
        })
    }

    /// Adds a client.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn client(&mut self, client: &Client) -> Result<(), CtlError> {
        self.push(&ClientEntry {
            client_id: &client.client_id,
            name: &client.name,
            enabled: client.enabled,
            authentication_method: &client.authentication_method,
            redirect_uris: &client.redirect_uris,
            post_logout_redirect_uris: &client.post_logout_redirect_uris,
            grant_types: &client.grant_types,
            scopes: &client.scopes,
            first_party: client.first_party,
            access_token_lifetime: client.access_token_seconds,
            id_token_lifetime: client.id_token_seconds,
            refresh_token_lifetime: client.refresh_token_seconds,
            metadata: &client.metadata,
        })
    }

    fn push(&mut self, entry: &impl Serialize) -> Result<(), CtlError> {
        let bug = |error: serde_json::Error| CtlError::new(Exit::Bug, error.to_string());
        let text = match self.format {
            ExportFormat::Json => {
                let gap = if self.length == 0 { "\n" } else { ",\n" };
                let entry = serde_json::to_string_pretty(entry).map_err(bug)?;
                let lines: Vec<String> = entry.lines().map(|line| format!("    {line}")).collect();
                format!("{gap}{}", lines.join("\n"))
            }
            ExportFormat::Ndjson => format!("{}\n", serde_json::to_string(entry).map_err(bug)?),
        };
        self.length += 1;
        self.write(&text)
    }

    fn write(&mut self, text: &str) -> Result<(), CtlError> {
        match &mut self.output {
            Output::Stdout(printer) => printer.raw(text.as_bytes()),
            Output::File(file) => Ok(file.write_all(text.as_bytes())?),
        }
    }

    /// Ends; a file appears now, whole. Returns how many there are.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn end(mut self, file: &Path) -> Result<u64, CtlError> {
        if self.format == ExportFormat::Json {
            let end = if self.length == 0 { "]\n}\n" } else { "\n  ]\n}\n" };
            self.write(end)?;
        }
        match self.output {
            Output::Stdout(printer) => printer.flush()?,
            Output::File(output) => {
                let whole = output.into_inner().map_err(|error| unwritable(file, error.error()))?;
                let synced = whole.as_file().sync_all();
                synced.map_err(|error| unwritable(file, &error))?;
                let _: File = whole.persist(file).map_err(|error| unwritable(file, &error.error))?;
            }
        }
        Ok(self.length)
    }
}

fn unwritable(file: &Path, error: &std::io::Error) -> CtlError {
    CtlError::new(Exit::Failed, format!("{} cannot be written: {error}", file.display()))
}
