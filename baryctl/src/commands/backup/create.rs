//! `baryctl backup create`: one tar with what cannot be made again, made while the daemon serves.
//!
//! PostgreSQL has tools of its own, which know its files better: the exact line is printed instead, and the keys are
//! saved with --keys-only.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use barycenter_core::backup::{Backup, Contents, create};
use barycenter_core::clock::{Clock as _, SystemClock};
use barycenter_core::config::{Backend, DatabaseUrl};
use barycenter_core::model::Timestamp;
use serde_json::{Value, json};
use url::Url;

use crate::cli::BackupCreate;
use crate::commands::backup::{contents, keep, size};
use crate::commands::session::with_database;
use crate::commands::{Context, config};
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};
use crate::target::direct::Absence;

/// The parameters of a URL that PostgreSQL's own tools understand.
const LIBPQ: [&str; 11] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "user",
    "dbname",
    "options",
    "application_name",
];

/// Runs the command.
///
/// # Errors
/// When the database is no file, is away or cannot be copied, or the backup cannot be written.
pub(crate) fn run(
    arguments: &BackupCreate,
    context: &Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    let to_stdout = refuse_what_cannot_be_meant(arguments, printer)?;
    let what = match (arguments.no_keys, arguments.keys_only) {
        (_, true) => Contents::Keys,
        (true, false) => Contents::Database,
        (false, false) => Contents::Everything,
    };
    let loaded = config::load(context)?;
    let (database, keys) = (loaded.config.database.url, loaded.config.keys);
    if database.backend() == Backend::Postgres && what != Contents::Keys {
        return Err(of_postgres(&database));
    }
    let now = SystemClock.now();
    let file = if to_stdout { None } else { Some(destination(arguments.file.as_deref(), now)?) };
    let folder = match (&file, database.sqlite_path()) {
        (Some(file), _) => folder_of(file),
        (None, Some(database)) => folder_of(database),
        (None, None) => folder_of(&keys.private_key_path),
    };
    let backup = with_database(context, Absence::Refused, |session| {
        session.wait(async {
            session.target.refuse_newer().await?;
            Ok(create(session.target.store(), &keys, what, &folder, now).await?)
        })
    })?;
    let told = told(&backup, file.as_deref());
    match file {
        Some(file) => {
            let line = line(&backup, &file);
            backup.save(&file)?;
            if printer.format().is_json() {
                printer.document("Backup", &told)?
            } else {
                printer.line(line)?
            }
            for gone in arguments.keep.map(|count| keep::prune(&folder, count)).transpose()?.unwrap_or_default() {
                printer.note(format_args!("removed {}", plain(&gone.display().to_string())));
            }
        }
        None => {
            let mut source = backup.open()?;
            let mut buffer = vec![0; 1 << 16];
            loop {
                let count = source.read(&mut buffer).map_err(|error| {
                    CtlError::new(Exit::Failed, format!("the backup cannot be read again: {error}"))
                })?;
                let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
                printer.raw(bytes)?;
            }
            printer.flush()?;
            printer.note(line(&backup, Path::new("-")));
        }
    }
    Ok(Exit::Ok)
}

/// Refuses arguments that do not go together, before any work is done; returns whether the backup goes to stdout.
fn refuse_what_cannot_be_meant(arguments: &BackupCreate, printer: &Printer<'_>) -> Result<bool, CtlError> {
    printer.refuse_names("backup create")?;
    let to_stdout = arguments.file.as_deref() == Some(Path::new("-"));
    if to_stdout && printer.is_terminal() {
        return Err(CtlError::usage("a backup is not printed to a terminal: it holds the root key")
            .hint("name a file, or pipe it on: baryctl backup create - | age -r …"));
    }
    if to_stdout && printer.format().is_json() {
        return Err(CtlError::usage("`-` writes the backup itself to stdout; -o json has no place there"));
    }
    if arguments.keep.is_some() && !arguments.file.as_deref().is_some_and(Path::is_dir) {
        return Err(CtlError::usage("--keep needs a folder that the backups lie in")
            .hint("baryctl backup create /backup --keep 14"));
    }
    Ok(to_stdout)
}

fn line(backup: &Backup, file: &Path) -> String {
    format!(
        "wrote {}: {}, {}, sha256 {}",
        plain(&file.display().to_string()),
        contents(&backup.manifest),
        size(backup.size),
        backup.sha256
    )
}

fn told(backup: &Backup, file: Option<&Path>) -> Value {
    json!({
        "file": file.map(|file| file.display().to_string()),
        "size": backup.size,
        "sha256": backup.sha256,
        "schema": backup.manifest.schema_version(),
        "counts": backup.manifest.counts,
        "keys": backup.manifest.has_keys(),
        "created_at": backup.manifest.created_at.to_string(),
    })
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Returns the file to make: the named one, or one of its own name in a folder. What is there is never replaced.
fn destination(named: Option<&Path>, now: Timestamp) -> Result<PathBuf, CtlError> {
    let own = || format!("barycenter-{}.tar", now.to_string().replace(['-', ':'], ""));
    let file = match named {
        None => PathBuf::from(own()),
        Some(folder) if folder.is_dir() => folder.join(own()),
        Some(file) => file.to_owned(),
    };
    let folder = folder_of(&file);
    if !folder.is_dir() {
        return Err(CtlError::usage(format!("the folder {} does not exist", folder.display())));
    }
    // A symbolic link that leads nowhere is there as well. Looked at before the work is done, and again at its end.
    if file.symlink_metadata().is_ok() {
        return Err(CtlError::new(Exit::Conflict, format!("{} exists already", file.display()))
            .hint("a backup never replaces a file: choose another name, or a folder"));
    }
    Ok(file)
}

/// How PostgreSQL is backed up.
fn of_postgres(database: &DatabaseUrl) -> CtlError {
    let address = quoted(&address_for_libpq(database));
    CtlError::usage("the database is PostgreSQL, whose own tools make its backups")
        .detail(format!("pg_dump --format=custom --no-owner --no-privileges --file=barycenter.dump {address}"))
        .detail("baryctl backup create --keys-only barycenter-keys.tar")
        .hint("give pg_dump the password as PGPASSWORD, or in a file that PGPASSFILE names; never on its command line")
        .hint(format!(
            "to bring both back, with no barycenterd running: pg_restore --clean --if-exists --no-owner --no-privileges --exit-on-error --single-transaction --dbname={address} barycenter.dump, and baryctl backup restore barycenter-keys.tar"
        ))
}

/// Returns the database's URL as PostgreSQL's tools take it: without a password, and without what only we understand.
fn address_for_libpq(database: &DatabaseUrl) -> String {
    let hidden = || "postgresql://USER@HOST/DATABASE".to_owned();
    let Ok(mut url) = Url::parse(database.expose()) else { return hidden() };
    if url.password().is_some() && url.set_password(None).is_err() {
        return hidden();
    }
    let known: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| LIBPQ.contains(&name.as_str())).collect();
    url.set_query(None);
    if !known.is_empty() {
        url.query_pairs_mut().extend_pairs(known);
    }
    url.into()
}

/// Quotes a word for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_for_postgresql_has_no_password() {
        for (url, wanted) in [
            ("postgresql://u:canary@db:5432/b", "postgresql://u@db:5432/b"),
            ("postgres://u:canary@db/b?sslmode=require&password=canary", "postgres://u@db/b?sslmode=require"),
            ("postgres://u@db/b?statement-cache-capacity=9", "postgres://u@db/b"),
        ] {
            assert_eq!(address_for_libpq(&url.parse().unwrap()), wanted);
            let error = of_postgres(&url.parse().unwrap());
            assert_eq!(error.exit, Exit::Usage);
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
        assert_eq!(quoted("a'b"), r"'a'\''b'");
    }

    #[test]
    fn a_folder_gets_a_file_of_its_own_name_and_nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_unix(1_795_431_600);
        let file = destination(Some(folder.path()), now).unwrap();
        assert_eq!(file, folder.path().join("barycenter-20261123T110000Z.tar"));
        std::os::unix::fs::symlink("/nowhere/at/all", &file).unwrap();
        assert_eq!(destination(Some(&file), now).unwrap_err().exit, Exit::Conflict);
        let missing = destination(Some(&folder.path().join("missing/b.tar")), now).unwrap_err();
        assert_eq!(missing.exit, Exit::Usage);
    }
}
