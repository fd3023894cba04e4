//! Reads config.toml and the environment, which wins. Every fault keeps its place, and all are reported at once.
//!
//! Neighbours: [`crate::config::section`] says which settings there are; [`crate::config::value`] what they may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::config::section::{Name, SECTIONS};
use crate::config::source::{ConfigError, Origin};
use crate::config::value::Setting;

/// What our environment variables begin with. Kubernetes makes variables for every Service (`BARYCENTER_ADMIN_PORT`):
/// those have one underscore and are never ours.
const PREFIX: &str = "BARYCENTER__";

/// How alike two words must be for one to be a slip of the other.
const ALIKE: f64 = 0.8;

/// Where something was said. The order is that of a report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    WholeFile,
    File { line: usize, column: usize },
    Environment(String),
    Default,
}

/// A value that has not been read yet.
enum Raw {
    File(Value),
    Environment(String),
}

/// Reads settings one by one and gathers faults.
pub(super) struct Reader {
    file: PathBuf,
    file_is_broken: bool,
    values: BTreeMap<Name, (Place, Raw)>,
    places: BTreeMap<Name, Place>,
    faults: Vec<(Place, String)>,
    faulty: BTreeSet<Name>,
}

impl Reader {
    /// Reads the file, if there is one, and the environment.
    pub(super) fn new(file: Option<&Path>, environment: &[(String, String)]) -> Self {
        let mut reader = Self {
            file: file.unwrap_or(Path::new("")).to_owned(),
            file_is_broken: false,
            values: BTreeMap::new(),
            places: BTreeMap::new(),
            faults: Vec::new(),
            faulty: BTreeSet::new(),
        };
        match file.map(read_text) {
            Some(Ok(text)) => reader.read_file(text.strip_prefix('\u{feff}').unwrap_or(&text)),
            Some(Err(reason)) => {
                reader.file_is_broken = true;
                reader.faults.push((Place::WholeFile, reason));
            }
            None => {}
        }
        reader.read_environment(environment);
        reader
    }

    fn read_file(&mut self, text: &str) {
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let place = position(text, error.span().map_or(0, |span| span.start));
            self.faults.push((place, error.message().replace('\n', ", ")));
        }
        if !errors.is_empty() {
            // What stands behind a broken line may be read in ways that nobody meant.
            self.file_is_broken = true;
            return;
        }
        for (name, section) in table.into_inner() {
            let place = position(text, name.span().start);
            let name = name.into_inner();
            let Some((known, keys)) = section_of(&name) else {
                let hint = match home_of(&name) {
                    Some((home, _)) => format!("; it belongs in [{home}]"),
                    None => suggestion(&name, SECTIONS.iter().map(|(known, _)| *known)),
                };
                self.faults.push((place, format!("unknown section or key `{name}`{hint}")));
                continue;
            };
            let DeValue::Table(section) = section.into_inner() else {
                self.faults.push((place, format!("`{name}` should be a section: [{name}]")));
                continue;
            };
            for (key, value) in section {
                self.read_key(text, known, keys, &key, value);
            }
        }
    }

    fn read_key(
        &mut self,
        text: &str,
        section: &'static str,
        keys: &'static [&'static str],
        key: &Spanned<DeString<'_>>,
        value: Spanned<DeValue<'_>>,
    ) {
        let Some(known) = keys.iter().copied().find(|known| *known == key.get_ref().as_ref()) else {
            let hint = match home_of(key.get_ref()) {
                Some((home, _)) => format!("; it belongs in [{home}]"),
                None => suggestion(key.get_ref(), keys.iter().copied()),
            };
            let reason = format!("[{section}] unknown key `{}`{hint}", key.get_ref());
            self.faults.push((position(text, key.span().start), reason));
            return;
        };
        let place = position(text, value.span().start);
        self.values.insert((section, known), (place, Raw::File(to_json(value.into_inner()))));
    }

    fn read_environment(&mut self, environment: &[(String, String)]) {
        for (variable, value) in environment.iter().filter(|(_, value)| !value.is_empty()) {
            let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
            let place = Place::Environment(variable.clone());
            match names().find(|name| variable_of(*name) == *variable) {
                Some(name) => {
                    self.values.insert(name, (place, Raw::Environment(value.clone())));
                }
                None => self.faults.push((place, unknown_variable(rest))),
            }
        }
    }

    /// Takes a setting; `None` if nobody set it, or if what they set is a fault.
    pub(super) fn take<T: Setting>(&mut self, section: &'static str, key: &'static str) -> Option<T> {
        let (place, raw) = self.values.remove(&(section, key))?;
        self.places.insert((section, key), place);
        let read = match raw {
            Raw::File(value) => from_toml(value),
            Raw::Environment(text) => from_text(&text),
        };
        read.map_err(|reason| self.fault(section, key, reason)).ok()
    }

    /// Notes what is wrong with a setting.
    pub(super) fn fault(&mut self, section: &'static str, key: &'static str, reason: impl fmt::Display) {
        let place = self.places.get(&(section, key)).cloned().unwrap_or(Place::Default);
        self.faulty.insert((section, key));
        self.faults.push((place, format!("[{section}] {key}: {reason}")));
    }

    /// Notes that the value of `key` was found through `key_file`, so that it comes from where that was said.
    pub(super) fn came_through(&mut self, section: &'static str, key: &'static str, key_file: &'static str) {
        if let Some(place) = self.places.get(&(section, key_file)).cloned() {
            self.places.insert((section, key), place);
        }
    }

    /// Returns whether somebody set this.
    pub(super) fn is_set(&self, section: &'static str, key: &'static str) -> bool {
        self.places.contains_key(&(section, key))
    }

    /// Returns whether nothing is wrong with this so far.
    pub(super) fn is_sound(&self, section: &'static str, key: &'static str) -> bool {
        !self.faulty.contains(&(section, key))
    }

    /// Returns whether there is a file that says nobody knows what.
    pub(super) fn file_is_broken(&self) -> bool {
        self.file_is_broken
    }

    /// Returns where every value came from that somebody set.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(super) fn finish(mut self) -> Result<BTreeMap<Name, Origin>, ConfigError> {
        let file = self.file.display();
        if !self.faults.is_empty() {
            self.faults.sort_by(|(place, _), (other, _)| place.cmp(other));
            let faults = self.faults.iter().map(|(place, reason)| match place {
                Place::WholeFile => format!("{file}: {reason}"),
                Place::File { line, column } => format!("{file}:{line}:{column}: {reason}"),
                Place::Environment(variable) => format!("environment {variable}: {reason}"),
                Place::Default => format!("default: {reason}"),
            });
            return Err(ConfigError(faults.collect()));
        }
        let origin = |place: Place| match place {
            Place::WholeFile => Origin::File(self.file.clone(), 1),
            Place::File { line, .. } => Origin::File(self.file.clone(), line),
            Place::Environment(variable) => Origin::Environment(variable),
            Place::Default => Origin::Default,
        };
        Ok(self.places.into_iter().map(|(name, place)| (name, origin(place))).collect())
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

/// Turns a value of the file into the common form; our settings need no more than JSON knows. What JSON cannot hold
/// becomes an object, which no setting takes: `null` would count as not set.
fn to_json(value: DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Boolean(flag) => json!(flag),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => json!(number),
            Err(_) => json!({ "integer": number.to_string() }),
        },
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => json!(number),
            _ => json!({ "float": number.to_string() }),
        },
        DeValue::Datetime(time) => json!({ "datetime": time.to_string() }),
        DeValue::Array(items) => items.into_iter().map(|item| to_json(item.into_inner())).collect(),
        DeValue::Table(members) => members
            .into_iter()
            .map(|(key, value)| (key.into_inner().into_owned(), to_json(value.into_inner())))
            .collect(),
    }
}

/// Reads a value of the file.
fn from_toml<T: Setting>(value: Value) -> Result<T, String> {
    if value.as_str() == Some("") {
        return Err("is empty; leave the line out to leave it unset".to_owned());
    }
    let shown = (value.is_string() || value.is_number() || value.is_boolean()).then(|| value.to_string());
    T::deserialize(value).map_err(|error| wanted::<T>(&error.to_string(), shown.as_deref()))
}

/// Reads a value of the environment: a number, a flag or a list if it can be one, else text, else a list with commas.
fn from_text<T: Setting>(text: &str) -> Result<T, String> {
    let items = || text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
    let candidates = [
        serde_json::from_str::<Value>(text).ok().filter(|value| !value.is_string() && !value.is_null()),
        Some(json!(text)),
        // What begins like JSON and is none is a slip, not a list with brackets in its items.
        (!text.trim_start().starts_with('[')).then(items),
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

/// Says what a value should be; a reason in serde's words is of no use to an operator, and may hold a secret.
fn wanted<T: Setting>(reason: &str, given: Option<&str>) -> String {
    let serdes = ["invalid type", "invalid value", "unknown variant", "data did not match"];
    if !reason.is_empty() && !serdes.iter().any(|start| reason.starts_with(start)) {
        return reason.to_owned();
    }
    let given = given.filter(|_| !T::SECRET).map(|given| format!(", not {given}")).unwrap_or_default();
    format!("should be {}{given}", T::WANTED)
}

/// Says what is wrong with the name of a variable, of which `rest` stands behind the prefix.
fn unknown_variable(rest: &str) -> String {
    const FORM: &str = "the form is BARYCENTER__SECTION__KEY";
    let lower = rest.to_lowercase();
    let (section, key) = lower.split_once("__").unwrap_or((&lower, ""));
    if let Some(name) = names().find(|name| *name == (section, key)) {
        return format!("is written in upper case: {}", variable_of(name));
    }
    let Some((known, keys)) = section_of(section) else {
        let all: Vec<(String, Name)> =
            names().map(|(section, key)| (format!("{section}__{key}"), (section, key))).collect();
        let meant = nearest(&lower, all.iter().map(|(text, _)| text.as_str()));
        return match all.iter().find(|(text, _)| Some(text.as_str()) == meant) {
            Some((_, name)) => format!("names no setting; did you mean `{}`?", variable_of(*name)),
            None => {
                format!("names no setting; {FORM}, and sections are {}", list(SECTIONS.iter().map(|(name, _)| *name)))
            }
        };
    };
    let meant = nearest(key, keys.iter().copied()).and_then(|key| names().find(|name| *name == (known, key)));
    match home_of(key).or(meant) {
        Some(name) => format!("[{known}] unknown key `{key}`; did you mean `{}`?", variable_of(name)),
        None => format!("[{known}] unknown key `{key}`; known are {}", list(keys.iter().copied())),
    }
}

/// Returns the names of all settings.
fn names() -> impl Iterator<Item = Name> {
    SECTIONS.iter().flat_map(|(section, keys)| keys.iter().map(move |key| (*section, *key)))
}

/// Returns the environment variable of a setting.
fn variable_of((section, key): Name) -> String {
    format!("{PREFIX}{}__{}", section.to_uppercase(), key.to_uppercase())
}

fn section_of(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    SECTIONS.iter().copied().find(|(known, _)| *known == name)
}

/// Returns the first setting with this key, if there is one.
fn home_of(key: &str) -> Option<Name> {
    names().find(|(_, known)| *known == key)
}

/// Returns what is so similar that it was probably meant.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|candidate| (strsim::jaro_winkler(word, candidate), candidate));
    scored.filter(|(score, _)| *score > ALIKE).max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, word)| word)
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ")
}

/// `; did you mean …?` when something similar is known; else what is known.
fn suggestion(word: &str, known: impl Iterator<Item = &'static str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None => format!("; known are {}", list(known)),
    }
}

/// Returns line and column (in characters) of a byte offset, both counted from 1.
fn position(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    Place::File { line, column }
}
