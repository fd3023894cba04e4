//! Users of other systems: turned into entries of a users file, one JSON object a line, and then read and checked like
//! any other.
//!
//! ```text
//!   legacy.csv ─┐
//!   realm.json ─┴► entries (NDJSON, in an unnamed temporary file) ──► reconcile::Source ──► the engine
//! ```

mod csv;
mod keycloak;

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use barycenter_core::reconcile::{Fault, Source, UsersFileError, Values};
use serde_json::{Map, Value};

use crate::cli::ImportFormat;
use crate::error::{CtlError, Exit};

/// How many faults are told.
const MOST_FAULTS: usize = 100;

/// Entries on their way into a users file.
pub(crate) struct Entries {
    output: BufWriter<File>,
    /// The line in the foreign file at which each entry begins.
    lines: Vec<u32>,
    faults: Vec<Fault>,
    total: usize,
    /// What could not be taken along, and how often.
    pub(crate) left_out: Vec<(&'static str, u64)>,
}

impl Entries {
    fn new() -> Result<Self, CtlError> {
        let file = tempfile::tempfile().map_err(|error| kept(&error))?;
        Ok(Self { output: BufWriter::new(file), lines: Vec::new(), faults: Vec::new(), total: 0, left_out: Vec::new() })
    }

    fn push(&mut self, line: usize, entry: &Map<String, Value>) -> Result<(), CtlError> {
        self.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
        serde_json::to_writer(&mut self.output, entry).map_err(std::io::Error::from).map_err(|error| kept(&error))?;
        self.output.write_all(b"\n").map_err(|error| kept(&error))
    }

    /// Notes a fault of the foreign format; no value is part of `message`.
    fn fault(&mut self, line: usize, place: impl Into<String>, message: impl Into<String>) {
        self.total += 1;
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(Fault { line, column: 1, place: place.into(), message: message.into() });
        }
    }

    fn leave_out(&mut self, what: &'static str) {
        match self.left_out.iter_mut().find(|(known, _)| *known == what) {
            Some((_, number)) => *number += 1,
            None => self.left_out.push((what, 1)),
        }
    }
}

fn kept(error: &std::io::Error) -> CtlError {
    CtlError::new(Exit::Failed, format!("the entries cannot be kept in a temporary file: {error}"))
}

/// A foreign file as a users file.
pub(crate) struct Imported {
    /// Its entries.
    pub(crate) source: Source,
    /// What could not be taken along, and how often.
    pub(crate) left_out: Vec<(&'static str, u64)>,
}

/// Opens a file in whatever format it is, and checks it.
///
/// # Errors
/// Exit code 2 with everything that is wrong with it.
pub(crate) fn open(
    path: &Path,
    format: Option<ImportFormat>,
    mapping: &[(String, String)],
    values: &Values,
    stdin: &mut dyn Read,
) -> Result<Imported, CtlError> {
    let name = path.display().to_string();
    let unreadable = |error: std::io::Error| CtlError::usage(format!("{name}: cannot be read: {error}"));
    let file = if path.as_os_str() == "-" {
        let mut spooled = tempfile::tempfile().map_err(|error| kept(&error))?;
        std::io::copy(stdin, &mut spooled).map_err(unreadable)?;
        spooled.rewind().map_err(unreadable)?;
        spooled
    } else {
        File::open(path).map_err(unreadable)?
    };
    let mut input = BufReader::with_capacity(64 * 1024, file);
    let format = match format {
        Some(format) => format,
        None => detect(path, input.fill_buf().map_err(unreadable)?),
    };
    if !mapping.is_empty() && format != ImportFormat::Csv {
        return Err(CtlError::usage("--map names columns of a CSV file, and this is none").hint("--format csv"));
    }
    let mut entries = Entries::new()?;
    match format {
        ImportFormat::Json | ImportFormat::Ndjson => {
            input.rewind().map_err(unreadable)?;
            let files = [PathBuf::from(path)];
            let mut source = if path.as_os_str() == "-" {
                Source::open(&[PathBuf::from("-")], values, &mut input)?
            } else {
                Source::open(&files, values, &mut std::io::empty())?
            };
            source.check()?;
            return Ok(Imported { source, left_out: Vec::new() });
        }
        ImportFormat::Csv => csv::read(input, mapping, &mut entries)?,
        ImportFormat::Keycloak => keycloak::read(input, &mut entries)?,
    }
    finish(&name, entries)
}

/// Reads the entries back as a users file; faults are told with the lines of the foreign file.
fn finish(name: &str, entries: Entries) -> Result<Imported, CtlError> {
    let Entries { output, lines, faults, total, left_out } = entries;
    let refused = |faults, total| UsersFileError::Faults { file: name.to_owned(), faults, total };
    if total > 0 {
        return Err(refused(faults, total).into());
    }
    let mut file = output.into_inner().map_err(|error| kept(error.error()))?;
    file.rewind().map_err(|error| kept(&error))?;
    if lines.is_empty() {
        return Err(CtlError::usage(format!("{name}: holds no users")));
    }
    let mut source = Source::from_reader(name, &mut file, Values::default())?;
    match source.check() {
        Ok(_) => Ok(Imported { source, left_out }),
        Err(UsersFileError::Faults { mut faults, total, .. }) => {
            for fault in &mut faults {
                let line = fault.line.checked_sub(1).and_then(|index| lines.get(index));
                fault.line = line.map_or(fault.line, |line| *line as usize);
                fault.column = 1;
            }
            Err(refused(faults, total).into())
        }
        Err(other) => Err(other.into()),
    }
}

/// Tells the format by the file's name, and by how it begins.
fn detect(path: &Path, beginning: &[u8]) -> ImportFormat {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
    match extension.as_str() {
        "csv" => return ImportFormat::Csv,
        "ndjson" | "jsonl" => return ImportFormat::Ndjson,
        _ => {}
    }
    let text = String::from_utf8_lossy(beginning);
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return ImportFormat::Csv;
    }
    let foreign = ["\"realm\"", "\"emailVerified\"", "\"credentialData\"", "\"createdTimestamp\""];
    if foreign.iter().any(|mark| text.contains(mark)) { ImportFormat::Keycloak } else { ImportFormat::Json }
}

#[cfg(test)]
mod tests;
