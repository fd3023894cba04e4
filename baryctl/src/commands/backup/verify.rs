//! `baryctl backup verify`: whether a backup is whole. Needs no configuration and no database.

use std::path::{Path, PathBuf};

use barycenter_core::backup::{Verified, verify};
use serde_json::json;

use crate::cli::BackupVerify;
use crate::commands::backup::contents;
use crate::commands::session::locally;
use crate::error::{CtlError, Exit};
use crate::render::Printer;

/// Runs the command.
///
/// # Errors
/// [`Exit::No`] when the backup is damaged; otherwise when it cannot be read.
pub(crate) fn run(arguments: &BackupVerify, printer: &mut Printer<'_>) -> Result<Exit, CtlError> {
    printer.refuse_names("backup verify")?;
    let Verified { manifest, .. } = locally(unpacked(&arguments.file))?;
    if printer.format().is_json() {
        printer.document(
            "BackupVerification",
            &json!({
                "file": arguments.file.display().to_string(),
                "valid": true,
                "schema": manifest.schema_version(),
                "counts": manifest.counts,
                "keys": manifest.has_keys(),
                "created_at": manifest.created_at.to_string(),
                "version": manifest.version,
            }),
        )?;
    } else {
        printer.line(format_args!("ok: digests match, integrity_check ok: {}", contents(&manifest)))?;
    }
    if manifest.is_newer() {
        printer.warn("a newer version made it, and only that can restore it");
    }
    Ok(Exit::Ok)
}

/// Verifies beside the file if there may be written, else in the folder for temporary files.
async fn unpacked(file: &Path) -> Result<Verified, CtlError> {
    if !file.is_file() {
        return Err(CtlError::usage(format!("{} is no file", file.display())));
    }
    let beside = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let scratch = match tempfile::tempfile_in(beside) {
        Ok(_) => beside.to_owned(),
        Err(_) => PathBuf::from("/tmp"),
    };
    Ok(verify(file, &scratch).await?)
}
