//! Where the values of a users file come from when they do not stand in it: `${NAME}` placeholders and
//! `{"file": "/run/secrets/admin"}` references.
//!
//! Placeholders are filled in after the JSON has been parsed, inside texts, once: no value can break the file's
//! syntax, and a `$` in a password hash stays what it is. What may be read is said beforehand; undefined and empty are
//! errors. `$${` is a literal `${`.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::secret::Secret;

/// The longest value that is read from a file, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Gives the value of an environment variable.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What placeholders and references may read.
#[derive(Clone, Default)]
pub struct Values {
    /// Patterns of variable names, `*` stands for any characters.
    patterns: Vec<String>,
    environment: Option<Environment>,
    /// A folder of files, one for each name.
    folder: Option<PathBuf>,
    /// Where relative references begin; none: there are no references here.
    base: Option<PathBuf>,
    /// Whether placeholders have been filled in before: what looks like one is meant.
    filled: bool,
}

/// A secret and where it came from: `env:ALICE_PASSWORD`, `file:/run/secrets/alice`; nothing if it stood in the file.
#[derive(Debug, Clone)]
pub struct Found {
    /// The value.
    pub value: Secret,
    /// Where it came from.
    pub source: Option<String>,
}

impl Values {
    /// Reads what another program has filled in: a secret that looks like a placeholder is meant so.
    #[must_use]
    pub(super) fn filled() -> Self {
        Self { filled: true, ..Self::default() }
    }

    /// Permits variables whose names match one of `patterns`.
    #[must_use]
    pub fn with_environment(mut self, patterns: Vec<String>, environment: Environment) -> Self {
        (self.patterns, self.environment) = (patterns, Some(environment));
        self
    }

    /// Permits the files of a folder, under their names.
    #[must_use]
    pub fn with_folder(mut self, folder: PathBuf) -> Self {
        self.folder = Some(folder);
        self
    }

    /// Permits `{"file": …}`; relative paths begin at `base`.
    #[must_use]
    pub fn with_references(mut self, base: PathBuf) -> Self {
        self.base = Some(base);
        self
    }

    /// Returns whether placeholders are filled in at all.
    #[must_use]
    pub(super) fn fills(&self) -> bool {
        !self.patterns.is_empty() || self.folder.is_some()
    }

    /// Fills in a text's placeholders, once.
    pub(super) fn fill(&self, text: String) -> Result<String, String> {
        self.fill_from(&text).map(|(filled, _)| filled.unwrap_or(text))
    }

    /// Returns the text with its placeholders filled in, if it has any, and where the last one came from.
    fn fill_from(&self, text: &str) -> Result<(Option<String>, Option<String>), String> {
        if !self.fills() || !text.contains("${") {
            return Ok((None, None));
        }
        let (mut filled, mut rest, mut source) = (String::new(), text, None);
        while let Some((before, after)) = rest.split_once("${") {
            if let Some(literal) = before.strip_suffix('$') {
                filled.push_str(literal);
                filled.push_str("${");
                rest = after;
                continue;
            }
            let Some((name, behind)) = after.split_once('}').filter(|(name, _)| is_name(name)) else {
                return Err("holds `${` without a NAME and `}` behind it; write `$${` for a literal `${`".to_owned());
            };
            let (value, from) = self.look_up(name)?;
            filled.push_str(before);
            filled.push_str(&value);
            (rest, source) = (behind, Some(from));
        }
        filled.push_str(rest);
        Ok((Some(filled), source))
    }

    /// Returns the value of a placeholder and where it came from.
    fn look_up(&self, name: &str) -> Result<(String, String), String> {
        if let Some(folder) = &self.folder {
            let file = folder.join(name);
            if file.is_file() {
                let value = read_value(&file).map_err(|reason| format!("${{{name}}}: {} {reason}", file.display()))?;
                return Ok((value, format!("file:{}", file.display())));
            }
        }
        let permitted = self.patterns.iter().any(|pattern| matches(pattern, name));
        let value = if permitted { self.environment.as_ref().and_then(|environment| environment(name)) } else { None };
        match value {
            Some(value) if !value.is_empty() => Ok((value, format!("env:{name}"))),
            Some(_) => Err(format!("${{{name}}} is empty; an empty value is never filled in")),
            None if permitted => Err(format!("${{{name}}} is not set; export it, or use --secrets-dir")),
            None if self.patterns.is_empty() => Err(format!(
                "${{{name}}} is no file of the secrets folder; add it, or permit the variable: --env {name}"
            )),
            None => Err(format!("${{{name}}} may not be read; permit it: --env {name}")),
        }
    }

    /// Reads a secret from its JSON: `null`, a text, or `{"file": …}`. No message repeats the value.
    pub(super) fn secret(&self, json: &str) -> Result<Option<Found>, String> {
        const WANTED: &str = "should be a text, {\"file\": \"…\"} or null";
        if json.starts_with('{') {
            return self.reference(json, WANTED).map(Some);
        }
        let Some(text) = serde_json::from_str::<Option<Secret>>(json).map_err(|_| WANTED.to_owned())? else {
            return Ok(None);
        };
        let (filled, source) = self.fill_from(text.expose())?;
        let value = filled.map_or(text, Secret::new);
        if source.is_none()
            && !self.filled
            && !self.fills()
            && let Some(name) = placeholder(value.expose())
        {
            return Err(format!(
                "still holds the placeholder ${{{name}}}; permit it to be filled in (--env {name} or --secrets-dir DIR)"
            ));
        }
        Ok(Some(Found { value, source }))
    }

    /// Reads the file that a reference names.
    fn reference(&self, json: &str, wanted: &str) -> Result<Found, String> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Reference {
            file: String,
        }

        let Reference { file } = serde_json::from_str(json).map_err(|_| wanted.to_owned())?;
        let Some(base) = &self.base else {
            return Err("names a file; references are read where the users file lies, never on the server".to_owned());
        };
        let path = base.join(&file);
        let value = read_value(&path).map_err(|reason| format!("{} {reason}", path.display()))?;
        Ok(Found { value: Secret::new(value), source: Some(format!("file:{file}")) })
    }
}

/// Reads a file that holds one value; a newline at its end does not belong to it.
fn read_value(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
    read.map_err(|error| format!("cannot be read: {error}"))?;
    if text.len() as u64 > LONGEST {
        return Err(format!("is longer than {LONGEST} bytes"));
    }
    let value = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if value.is_empty() { Err("is empty".to_owned()) } else { Ok(value.to_owned()) }
}

/// Finds `${NAME}`: a template that nobody filled in would make its text everybody's password.
fn placeholder(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("${")?;
    let (name, _) = rest.split_once('}')?;
    is_name(name).then_some(name)
}

/// Returns whether a variable or a file can be called so; no path leads out of the folder.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// Returns whether a name matches a pattern, in which `*` stands for any characters.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == name };
    let Some(rest) = name.strip_prefix(before) else { return false };
    (0..=rest.len()).any(|skip| rest.get(skip..).is_some_and(|rest| matches(after, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(patterns: &[&str]) -> Values {
        let environment: Environment = Arc::new(|name| match name {
            "ALICE" => Some("a \"quoted\"\n$argon2id$v=19 ${BOB}".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        });
        Values::default().with_environment(patterns.iter().map(|text| (*text).to_owned()).collect(), environment)
    }

    #[test]
    fn placeholders_are_filled_in_once() {
        let values = values(&["A*", "E*", "NONE"]);
        assert_eq!(values.fill("<${ALICE}>".into()).unwrap(), "<a \"quoted\"\n$argon2id$v=19 ${BOB}>");
        assert_eq!(values.fill("$${ALICE} $5 $".into()).unwrap(), "${ALICE} $5 $");
        for (text, part) in
            [("${EMPTY}", "is empty"), ("${NONE}", "is not set"), ("${BOB}", "--env BOB"), ("${", "$${")]
        {
            let message = values.fill(text.into()).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
        assert_eq!(Values::default().fill("${ALICE}".into()).unwrap(), "${ALICE}");
    }

    #[test]
    fn secrets_come_from_files_and_folders() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("admin"), "p\u{fc}\n").unwrap();
        std::fs::write(folder.path().join("empty"), "\n").unwrap();
        let all = Values::default().with_folder(folder.path().into()).with_references(folder.path().into());
        assert_eq!(all.secret("\"x${admin}\"").unwrap().unwrap().value.expose(), "xp\u{fc}");
        let found = all.secret("{\"file\":\"admin\"}").unwrap().unwrap();
        assert_eq!((found.value.expose(), found.source.as_deref()), ("p\u{fc}", Some("file:admin")));
        for (json, part) in [
            ("{\"file\":\"empty\"}", "is empty"),
            ("{\"file\":\"nowhere\"}", "cannot be read"),
            ("{\"fil\":\"x\"}", "should be"),
            ("7", "should be"),
            ("\"${../admin}\"", "without a NAME"),
        ] {
            let message = all.secret(json).unwrap_err();
            assert!(message.contains(part), "{message}");
        }
        let nothing = Values::default();
        assert!(nothing.secret("{\"file\":\"admin\"}").unwrap_err().contains("never on the server"));
        assert!(nothing.secret("\"${ADMIN}\"").unwrap_err().contains("--env ADMIN"));
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name, expected) in [
            ("A", "A", true),
            ("A", "AB", false),
            ("A*", "A", true),
            ("*_PW", "X_PW", true),
            ("A*B*C", "AxByC", true),
            ("*", "x", true),
            ("A*B", "AxC", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
