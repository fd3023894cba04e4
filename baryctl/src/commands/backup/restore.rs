//! `baryctl backup restore`: puts a backup in the place of what is there, as a whole or not at all; what was there is
//! kept as `….before-restore`.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use barycenter_core::backup::{BackupError, DATABASE, Restored, restore, verify};
use barycenter_core::store::SchemaStatus;
use serde_json::json;

use crate::cli::BackupRestore;
use crate::commands::backup::contents;
use crate::commands::session::locally;
use crate::commands::{Context, config};
use crate::error::{CtlError, Exit};
use crate::render::{Printer, plain};

/// Runs the command.
///
/// # Errors
/// [`Exit::No`] when the backup is damaged, [`Exit::Conflict`] when it does not fit, [`Exit::Refused`] when a daemon
/// runs or nobody confirms; then nothing has happened.
pub(crate) fn run(
    arguments: &BackupRestore,
    context: &Context<'_>,
    printer: &mut Printer<'_>,
) -> Result<Exit, CtlError> {
    printer.refuse_names("backup restore")?;
    if context.flags.server.is_some() {
        return Err(CtlError::usage("this command acts on the files themselves; --server cannot be given"));
    }
    let file = &arguments.file;
    if !file.is_file() {
        return Err(CtlError::usage(format!("{} is no file", file.display())));
    }
    let loaded = config::load(context)?;
    let config = &loaded.config;
    let place = config.database.url.sqlite_path().unwrap_or(&config.keys.private_key_path).to_owned();
    let folder = folder_of(&place);
    // The daemon does the same: nobody has chosen this folder but us.
    if loaded.database_is_default && !folder.is_dir() {
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(|error| {
            CtlError::new(Exit::Failed, format!("the folder {} cannot be made: {error}", folder.display()))
        })?;
    }
    if !folder.is_dir() {
        return Err(CtlError::usage(format!("the folder {} does not exist", folder.display()))
            .hint("create it, or mount the volume there"));
    }
    let verified = locally(async { Ok(verify(file, &folder).await?) })?;
    if verified.manifest.is_newer() {
        let found = verified.manifest.schema_version().to_owned();
        return Err(BackupError::Newer { found, known: SchemaStatus::newest() }.into());
    }
    if verified.manifest.has(DATABASE) && config.database.url.sqlite_path().is_none() {
        return Err(CtlError::usage("the backup holds an SQLite database, and database.url is PostgreSQL"));
    }
    let word = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let what = format!(
        "replace {} by the backup of {} ({})",
        plain(&place.display().to_string()),
        verified.manifest.created_at,
        contents(&verified.manifest)
    );
    context.confirm_severe(&what, &word)?;
    let Restored { manifest, kept } = locally(async { Ok(restore(verified, config).await?) })?;
    if printer.format().is_json() {
        printer.document(
            "Restoration",
            &json!({
                "file": file.display().to_string(),
                "place": place.display().to_string(),
                "kept": kept.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
                "schema": manifest.schema_version(),
                "counts": manifest.counts,
                "keys": manifest.has_keys(),
            }),
        )?;
        return Ok(Exit::Ok);
    }
    printer.line(format_args!("restored {}: {}", plain(&place.display().to_string()), contents(&manifest)))?;
    for path in &kept {
        printer.line(format_args!("kept {}", plain(&path.display().to_string())))?;
    }
    let old = manifest.has(DATABASE) && manifest.schema_version() != SchemaStatus::newest();
    if old {
        printer.note(
            "the schema is older than this version's; the next start brings it up to date, or: baryctl db migrate",
        );
    }
    Ok(Exit::Ok)
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}
