//! Where settings come from: config.toml and the environment, which wins. Every fault keeps its place, and all are
//! reported at once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::section::SECTIONS;
use crate::config::value::Setting;

/// What our environment variables begin with. Kubernetes makes variables for every Service (`BARYCENTER_ADMIN_PORT`):
/// those have one underscore and are never ours.
const PREFIX: &str = "BARYCENTER__";

/// Where settings may come from: everything that only a program can know.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file that the command line or `BARYCENTER_CONFIG` names; it must exist.
    pub named: Option<PathBuf>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// The folder in which `config.toml` is looked for, before /etc/barycenter.
    pub folder: PathBuf,
}

impl Sources {
    /// Returns the sources of a process: `named` is what its command line says.
    #[must_use]
    pub fn new(named: Option<PathBuf>, environment: Vec<(String, String)>, folder: PathBuf) -> Self {
        let variable = environment.iter().find(|(name, value)| name == "BARYCENTER_CONFIG" && !value.is_empty());
        let named = named.or_else(|| variable.map(|(_, path)| PathBuf::from(path)));
        Self { named, environment, folder }
    }

    /// Finds the file: the named one, `./config.toml`, `/etc/barycenter/config.toml`, or none.
    pub(super) fn file(&self) -> Option<PathBuf> {
        let usual = [self.folder.join("config.toml"), PathBuf::from("/etc/barycenter/config.toml")];
        self.named.clone().or_else(|| usual.into_iter().find(|path| path.exists()))
    }
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The file, at this line.
    File(PathBuf, usize),
    /// The environment variable of this name.
    Environment(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path, line) => write!(formatter, "{}:{line}", path.display()),
            Self::Environment(name) => write!(formatter, "environment {name}"),
        }
    }
}

/// Everything that is wrong with the settings, one line each.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

/// A value that has not been read yet.
enum Raw {
    File(Value, usize, usize),
    Environment(String, String),
}

/// Reads settings one by one and gathers faults.
pub(super) struct Reader {
    file: PathBuf,
    values: BTreeMap<(String, String), Raw>,
    pub(super) origins: BTreeMap<(&'static str, &'static str), Origin>,
    places: BTreeMap<(&'static str, &'static str), String>,
    pub(super) faults: Vec<String>,
}

impl Reader {
    /// Reads the file, if there is one, and the environment.
    pub(super) fn new(file: Option<&Path>, environment: &[(String, String)]) -> Self {
        let mut reader = Self {
            file: file.unwrap_or(Path::new("")).to_owned(),
            values: BTreeMap::new(),
            origins: BTreeMap::new(),
            places: BTreeMap::new(),
            faults: Vec::new(),
        };
        if let Some(file) = file {
            match read_text(file) {
                Ok(text) => reader.read_file(&text),
                Err(reason) => reader.faults.push(format!("{}: {reason}", file.display())),
            }
        }
        reader.read_environment(environment);
        reader
    }

    fn read_file(&mut self, text: &str) {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let (line, column) = position(text, error.span().map_or(0, |span| span.start));
            self.faults.push(format!(
                "{}:{line}:{column}: {}",
                self.file.display(),
                error.message().replace('\n', ", ")
            ));
        }
        if !self.faults.is_empty() {
            // What stands behind a broken line may be read in ways that nobody meant.
            return;
        }
        let known: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
        for (name, section) in table.into_inner() {
            let place = self.place(text, name.span().start);
            let name = name.into_inner();
            let Some((_, keys)) = SECTIONS.iter().find(|(known, _)| *known == name) else {
                let hint = home_of(&name)
                    .map_or_else(|| suggestion(&name, &known), |home| format!("; it belongs in [{home}]"));
                self.faults.push(format!("{place}: unknown section or key `{name}`{hint}"));
                continue;
            };
            let DeValue::Table(section) = section.into_inner() else {
                self.faults.push(format!("{place}: `{name}` should be a section: [{name}]"));
                continue;
            };
            for (key, value) in section {
                self.read_key(text, &name, keys, &key, value);
            }
        }
    }

    fn read_key(
        &mut self,
        text: &str,
        section: &str,
        keys: &[&str],
        key: &Spanned<Cow<'_, str>>,
        value: Spanned<DeValue<'_>>,
    ) {
        let key_place = self.place(text, key.span().start);
        let key = key.get_ref();
        if !keys.contains(&key.as_ref()) {
            let hint = match home_of(key) {
                Some(home) if home != section => format!("; it belongs in [{home}]"),
                _ => suggestion(key, keys),
            };
            self.faults.push(format!("{key_place}: [{section}] unknown key `{key}`{hint}"));
            return;
        }
        let (line, column) = position(text, value.span().start);
        let value = to_json(value.into_inner());
        self.values.insert((section.to_owned(), key.to_string()), Raw::File(value, line, column));
    }

    fn place(&self, text: &str, offset: usize) -> String {
        let (line, column) = position(text, offset);
        format!("{}:{line}:{column}", self.file.display())
    }

    fn read_environment(&mut self, environment: &[(String, String)]) {
        for (variable, value) in environment.iter().filter(|(_, value)| !value.is_empty()) {
            let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
            let lower = rest.to_lowercase();
            let Some((section, key)) = lower.split_once("__") else {
                self.faults
                    .push(format!("environment {variable}: names no setting; the form is BARYCENTER__SECTION__KEY"));
                continue;
            };
            match SECTIONS.iter().find(|(name, _)| *name == section) {
                Some((_, keys)) if keys.contains(&key) => {
                    let raw = Raw::Environment(variable.clone(), value.clone());
                    self.values.insert((section.to_owned(), key.to_owned()), raw);
                }
                Some((_, keys)) => {
                    self.faults.push(format!(
                        "environment {variable}: [{section}] unknown key `{key}`{}",
                        suggestion(key, keys)
                    ));
                }
                None => {
                    let known: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
                    self.faults.push(format!(
                        "environment {variable}: unknown section `{section}`{}",
                        suggestion(section, &known)
                    ));
                }
            }
        }
    }

    /// Takes a setting; `None` if nobody set it, or if what they set is a fault.
    pub(super) fn take<T: Setting>(&mut self, section: &'static str, key: &'static str) -> Option<T> {
        let Some(raw) = self.values.remove(&(section.to_owned(), key.to_owned())) else {
            self.origins.insert((section, key), Origin::Default);
            return None;
        };
        let (origin, place, read) = match raw {
            Raw::File(value, line, column) => {
                let place = format!("{}:{line}:{column}", self.file.display());
                (Origin::File(self.file.clone(), line), place, from_toml(value))
            }
            Raw::Environment(variable, text) => {
                let place = format!("environment {variable}");
                (Origin::Environment(variable), place, from_text(&text))
            }
        };
        self.origins.insert((section, key), origin);
        self.places.insert((section, key), place.clone());
        read.map_err(|reason| self.faults.push(format!("{place}: [{section}] {key}: {reason}"))).ok()
    }

    /// Notes what is wrong with a setting that could be read.
    pub(super) fn fault(&mut self, section: &'static str, key: &'static str, reason: impl fmt::Display) {
        let place = self.places.get(&(section, key)).cloned();
        let place = place.unwrap_or_else(|| "default".to_owned());
        self.faults.push(format!("{place}: [{section}] {key}: {reason}"));
    }

    /// Returns whether somebody set this.
    pub(super) fn is_set(&self, section: &'static str, key: &'static str) -> bool {
        self.origins.get(&(section, key)).is_some_and(|origin| *origin != Origin::Default)
    }
}

/// Turns a value of the file into the common form; our settings need no more than JSON knows.
fn to_json(value: DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Boolean(flag) => json!(flag),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Null, |number| json!(number))
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Value::Null, |number| json!(number)),
        DeValue::Datetime(time) => json!({ "datetime": time.to_string() }),
        DeValue::Array(items) => items.into_iter().map(|item| to_json(item.into_inner())).collect(),
        DeValue::Table(members) => members
            .into_iter()
            .map(|(key, value)| (key.into_inner().into_owned(), to_json(value.into_inner())))
            .collect(),
    }
}

fn read_text(file: &Path) -> Result<String, String> {
    let metadata = fs::metadata(file).map_err(|error| format!("cannot be read: {error}"))?;
    if metadata.is_dir() {
        return Err("is a folder, not a file".to_owned());
    }
    let bytes = fs::read(file).map_err(|error| format!("cannot be read: {error}"))?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())
}

/// Reads a value of the file.
fn from_toml<T: Setting>(value: Value) -> Result<T, String> {
    let shown = shown(&value);
    T::deserialize(value).map_err(|error| wanted::<T>(&error.to_string(), shown.as_deref()))
}

/// Reads a value of the environment: a number or a flag if it can be one, else text, else a list.
fn from_text<T: Setting>(text: &str) -> Result<T, String> {
    let candidates = [
        serde_json::from_str::<Value>(text).ok().filter(|value| !value.is_string() && !value.is_null()),
        Some(Value::String(text.to_owned())),
        Some(text.split(',').map(|item| item.trim().to_owned()).collect()),
    ];
    let mut reasons = Vec::new();
    for candidate in candidates.into_iter().flatten() {
        match T::deserialize(candidate) {
            Ok(value) => return Ok(value),
            Err(error) => reasons.push(error.to_string()),
        }
    }
    let own_words = reasons.iter().find(|reason| !reason.starts_with("invalid type")).or(reasons.first());
    Err(wanted::<T>(own_words.map_or("", String::as_str), Some(&format!("{text:?}"))))
}

/// Returns a plain value as it stands in the file.
fn shown(value: &Value) -> Option<String> {
    (value.is_string() || value.is_number() || value.is_boolean()).then(|| value.to_string())
}

/// Says what a value should be; a reason in serde's words is of no use to an operator, and may hold a secret.
fn wanted<T: Setting>(reason: &str, given: Option<&str>) -> String {
    let serdes = ["invalid type", "invalid value", "unknown variant", "data did not match", "wanted"];
    if T::SECRET || serdes.iter().any(|start| reason.starts_with(start)) {
        let given = given.filter(|_| !T::SECRET).map(|given| format!(", not {given}")).unwrap_or_default();
        return format!("should be {}{given}", T::WANTED);
    }
    reason.to_owned()
}

/// The section that has a key of this name, if one does.
fn home_of(key: &str) -> Option<&'static str> {
    SECTIONS.iter().find(|(_, keys)| keys.contains(&key)).map(|(name, _)| *name)
}

/// `; did you mean …?` when something similar is known; else what is known.
fn suggestion(word: &str, known: &[&str]) -> String {
    let score = |candidate: &&&str| (strsim::jaro_winkler(word, candidate) * 1000.0) as u32;
    match known.iter().max_by_key(score) {
        Some(nearest) if score(&nearest) > 800 => format!("; did you mean `{nearest}`?"),
        _ => format!(
            "; known are {}",
            known.iter().copied().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
        ),
    }
}

/// Returns line and column (in characters) of a byte offset, both counted from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (line, column)
}
