//! The format of users.json: reading, positions, and every fault at once.
//!
//! ```json
//! { "manager": "platform", "users": [ { "username": "admin", "email": "admin@example.com", "password": "…" } ] }
//! ```
//!
//! A field that is absent is not managed; `null` clears it. Values are kept as slices of the text until they are
//! read, so that each fault knows its line and column.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs;
use std::path::Path;

use serde::Deserialize as _;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::model::{EmailAddress, Manager, Properties, Username};
use crate::reconcile::users_file_entry;
use crate::secret::Secret;

pub use crate::reconcile::users_file_schema::json_schema;

/// The largest users file, in bytes.
pub const MAXIMUM_BYTES: u64 = 64 * 1024 * 1024;

/// The keys at the top of the file.
const TOP_LEVEL: &[&str] = &["$schema", "manager", "users"];

/// A users file that has been checked.
#[derive(Debug, Clone)]
pub struct UsersFile {
    /// Who owns the accounts in it.
    pub manager: Manager,
    /// The accounts, in the file's order.
    pub users: Vec<DesiredUser>,
}

/// What a file wants of one user.
#[derive(Debug, Clone)]
pub struct DesiredUser {
    /// The name that it is matched by.
    pub username: Username,
    /// The e-mail address.
    pub email: Field<EmailAddress>,
    /// Whether the address is known to reach the user.
    pub email_verified: Option<bool>,
    /// Whether the user may sign in.
    pub enabled: Option<bool>,
    /// The password in clear text.
    pub password: Field<Secret>,
    /// Further properties; a `null` inside removes that one.
    pub properties: Field<Properties>,
    /// The entry as the file has it, JSON; it holds the password.
    pub entry: Secret,
    /// Where the entry begins, in bytes.
    pub(crate) offset: usize,
}

impl DesiredUser {
    /// Returns the e-mail address in the form under which addresses are compared, if the entry sets one.
    pub(crate) fn folded_email(&self) -> Option<String> {
        match &self.email {
            Field::Value(email) => Some(email.folded()),
            Field::Absent | Field::Null => None,
        }
    }

    /// Returns whether the password is one that guides and templates show, to be changed by whoever reads them.
    #[must_use]
    pub fn has_sample_password(&self) -> bool {
        let Field::Value(password) = &self.password else { return false };
        let folded = password.expose().to_ascii_lowercase().replace('_', "-");
        folded.contains("change-me") || folded.contains("changeme")
    }
}

/// A field of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field<T> {
    /// Not mentioned: not managed.
    Absent,
    /// `null`: to be cleared.
    Null,
    /// To be set.
    Value(T),
}

/// One thing that is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    /// `users[1] "app-service"`; empty for the file as a whole.
    pub place: String,
    /// What is wrong, and the way out.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.line, self.column)?;
        if !self.place.is_empty() {
            write!(formatter, " {}", self.place)?;
        }
        write!(formatter, ": {}", self.message)
    }
}

/// Why a users file cannot be used.
#[derive(Debug, Error)]
pub enum UsersFileError {
    /// It cannot be read at all.
    #[error("{file}: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why not.
        reason: String,
    },
    /// Its contents are wrong.
    #[error("{} problem{} in {file}", faults.len(), if faults.len() == 1 { "" } else { "s" })]
    Faults {
        /// The file.
        file: String,
        /// Everything that is wrong, in the order of the file.
        faults: Vec<Fault>,
    },
}

/// Reads and checks a users file. Symbolic links are followed: a mounted Secret is one.
///
/// # Errors
/// When it is not a readable file of at most [`MAXIMUM_BYTES`], or its contents are wrong.
pub fn read(path: &Path) -> Result<UsersFile, UsersFileError> {
    let file = path.display().to_string();
    let unreadable = |reason: String| UsersFileError::Unreadable { file: file.clone(), reason };
    let metadata = fs::metadata(path).map_err(|error| unreadable(format!("cannot be read: {error}")))?;
    if metadata.is_dir() {
        return Err(unreadable("is a folder, not a file".to_owned()));
    }
    if !metadata.is_file() {
        return Err(unreadable("is not a regular file".to_owned()));
    }
    if metadata.len() > MAXIMUM_BYTES {
        let (size, limit) = (metadata.len() / 1024 / 1024, MAXIMUM_BYTES / 1024 / 1024);
        return Err(unreadable(format!("is {size} MiB long; at most {limit} MiB can be read")));
    }
    let bytes = fs::read(path).map_err(|error| unreadable(format!("cannot be read: {error}")))?;
    parse_bytes(&file, &bytes)
}

/// Checks the bytes of a users file called `file`.
///
/// # Errors
/// Everything that is wrong with them.
pub fn parse_bytes(file: &str, bytes: &[u8]) -> Result<UsersFile, UsersFileError> {
    let faults = match str::from_utf8(bytes) {
        Ok(text) => match parse(text) {
            Ok(users_file) => return Ok(users_file),
            Err(faults) => faults,
        },
        Err(error) => {
            let sound = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default());
            let (line, column) = position(&sound, sound.len());
            vec![Fault { line, column, place: String::new(), message: "is not UTF-8 text".to_owned() }]
        }
    };
    Err(UsersFileError::Faults { file: file.to_owned(), faults })
}

/// Checks the text of a users file.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn parse(text: &str) -> Result<UsersFile, Vec<Fault>> {
    let mut reader = Reader::new(text);
    let Some(document) = reader.document() else { return Err(reader.faults) };
    let mut manager = Manager::default();
    let mut users = Vec::new();
    let mut listed = false;
    for member in reader.members(document, "", TOP_LEVEL) {
        match member.key.as_str() {
            "manager" => match reader.value::<String>(member.value, "", "a name") {
                Some(name) if name.trim().is_empty() => reader.fault(member.value, "", "manager is empty"),
                Some(name) => manager = Manager::new(name),
                None => {}
            },
            "users" => {
                listed = true;
                users = reader.entries(member.value);
            }
            _ => {}
        }
    }
    if !listed && reader.faults.is_empty() {
        reader.fault(document, "", "has no `users`: [ … ]");
    }
    reader.refuse_duplicates(&users);
    if reader.faults.is_empty() {
        return Ok(UsersFile { manager, users });
    }
    reader.faults.sort_by_key(|fault| (fault.line, fault.column));
    Err(reader.faults)
}

/// Checks one entry of `users` by itself, as the admin API receives it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse_entry(json: &str) -> Result<DesiredUser, Vec<Fault>> {
    let mut reader = Reader::new(json);
    let document = reader.document();
    let user = document.and_then(|document| users_file_entry::read(&mut reader, document, ""));
    match user {
        Some(user) if reader.faults.is_empty() => Ok(user),
        _ => Err(reader.faults),
    }
}

/// Refuses names and addresses that several files, read one by one, declare more than once.
///
/// # Errors
/// A fault for each that the files before `next` already hold; positions are those in `next`'s text.
pub fn refuse_shared(earlier: &[DesiredUser], next: &[DesiredUser], text: &str) -> Result<(), Vec<Fault>> {
    let mut reader = Reader::new(text);
    let names: HashSet<&str> = earlier.iter().map(|user| user.username.folded()).collect();
    let emails: HashSet<String> = earlier.iter().filter_map(DesiredUser::folded_email).collect();
    for (index, user) in next.iter().enumerate() {
        let place = format!("users[{index}] \"{}\"", user.username);
        if names.contains(user.username.folded()) {
            reader.fault_at(user.offset, &place, "the username stands in another of the files as well");
        }
        if user.folded_email().is_some_and(|email| emails.contains(&email)) {
            reader.fault_at(user.offset, &place, "the e-mail address stands in another of the files as well");
        }
    }
    if reader.faults.is_empty() { Ok(()) } else { Err(reader.faults) }
}

/// One member of a JSON object, its value still text.
pub(super) struct Member<'t> {
    pub(super) key: String,
    pub(super) value: &'t RawValue,
}

/// Walks the text and gathers faults.
pub(super) struct Reader<'t> {
    text: &'t str,
    pub(super) faults: Vec<Fault>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, faults: Vec::new() }
    }

    /// Finds the one JSON value that the text is; a syntax error is a fault with its position.
    fn document(&mut self) -> Option<&'t RawValue> {
        match serde_json::from_str(self.text) {
            Ok(document) => Some(document),
            Err(error) => {
                let message = format!("is not valid JSON: {}", without_position(&error));
                self.faults.push(Fault {
                    line: error.line().max(1),
                    column: error.column().max(1),
                    place: String::new(),
                    message,
                });
                None
            }
        }
    }

    /// Where a slice of the text begins, in bytes.
    pub(super) fn offset(&self, value: &RawValue) -> usize {
        (value.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// Notes a fault at a value.
    pub(super) fn fault(&mut self, value: &RawValue, place: &str, message: impl Into<String>) {
        self.fault_at(self.offset(value), place, message);
    }

    fn fault_at(&mut self, offset: usize, place: &str, message: impl Into<String>) {
        let (line, column) = position(self.text, offset);
        self.faults.push(Fault { line, column, place: place.to_owned(), message: message.into() });
    }

    /// Splits an object into members; unknown and repeated keys are faults.
    pub(super) fn members(&mut self, object: &'t RawValue, place: &str, known: &[&str]) -> Vec<Member<'t>> {
        let members = match Members::read(object) {
            Ok(members) => members,
            Err(_) => {
                self.fault(object, place, "is not an object { … }");
                return Vec::new();
            }
        };
        let mut kept: Vec<Member<'t>> = Vec::new();
        for member in members {
            let key = &member.key;
            if !known.is_empty() && !known.contains(&key.as_str()) {
                let message = format!("unknown field `{key}`{}", suggestion(key, known));
                self.fault_at(self.key_offset(&member), place, message);
            } else if kept.iter().any(|other| other.key == *key) {
                self.fault_at(self.key_offset(&member), place, format!("field `{key}` stands twice"));
            } else {
                kept.push(member);
            }
        }
        kept
    }

    /// Where a member's key begins: the last time that it stands before the value.
    fn key_offset(&self, member: &Member<'_>) -> usize {
        let value = self.offset(member.value);
        let quoted = format!("\"{}\"", member.key);
        self.text.get(..value).and_then(|before| before.rfind(&quoted)).unwrap_or(value)
    }

    /// Reads a value as `T`; anything else is a fault that says what it should be.
    pub(super) fn value<T: for<'de> serde::Deserialize<'de>>(
        &mut self,
        value: &RawValue,
        place: &str,
        wanted: &str,
    ) -> Option<T> {
        match serde_json::from_str(value.get()) {
            Ok(value) => Some(value),
            Err(error) if error.is_data() => {
                self.fault(value, place, format!("should be {wanted}"));
                None
            }
            Err(error) => {
                self.fault(value, place, without_position(&error));
                None
            }
        }
    }

    /// Reads the list of users.
    fn entries(&mut self, list: &'t RawValue) -> Vec<DesiredUser> {
        let Ok(entries) = serde_json::from_str::<Vec<&'t RawValue>>(list.get()) else {
            self.fault(list, "users", "should be a list [ … ]");
            return Vec::new();
        };
        let mut users = Vec::with_capacity(entries.len());
        for (index, entry) in entries.into_iter().enumerate() {
            users.extend(users_file_entry::read(self, entry, &format!("users[{index}]")));
        }
        users
    }

    /// Refuses names that fold to one name, and e-mail addresses that two users share.
    fn refuse_duplicates(&mut self, users: &[DesiredUser]) {
        let mut names: HashMap<&str, usize> = HashMap::new();
        let mut emails: HashMap<String, usize> = HashMap::new();
        for (index, user) in users.iter().enumerate() {
            let place = format!("users[{index}] \"{}\"", user.username);
            if let Some(first) = names.get(user.username.folded()) {
                let (line, column) = position(self.text, *first);
                self.fault_at(user.offset, &place, format!("duplicate username (first at {line}:{column})"));
            } else {
                names.insert(user.username.folded(), user.offset);
            }
            let Some(email) = user.folded_email() else { continue };
            if let Some(first) = emails.get(&email) {
                let (line, column) = position(self.text, *first);
                self.fault_at(
                    user.offset,
                    &place,
                    format!("duplicate e-mail address {email} (first at {line}:{column})"),
                );
            } else {
                emails.insert(email, user.offset);
            }
        }
    }
}

/// The members of an object in their order, repeated keys included.
struct Members<'t>(Vec<Member<'t>>);

impl<'t> Members<'t> {
    fn read(object: &'t RawValue) -> Result<Vec<Member<'t>>, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(object.get());
        Self::deserialize(&mut deserializer).map(|members| members.0)
    }
}

impl<'t> de::Deserialize<'t> for Members<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'t> Visitor<'t> for Collect {
            type Value = Members<'t>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry()? {
                    members.push(Member { key, value });
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// Returns line and column (in characters) of a byte offset, both counted from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (line, column)
}

/// serde_json ends its messages with "at line 1 column 2"; we name the place in front.
fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.find(" at line ") {
        Some(end) => message.get(..end).unwrap_or_default().to_owned(),
        None => message,
    }
}

/// `, did you mean …?` when something similar is known; else what is known.
pub(super) fn suggestion(key: &str, known: &[&str]) -> String {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    let nearest = known.iter().max_by(|one, other| {
        let score = |candidate: &str| strsim::jaro_winkler(&plain(key), &plain(candidate));
        score(one).total_cmp(&score(other))
    });
    match nearest {
        Some(nearest) if strsim::jaro_winkler(&plain(key), &plain(nearest)) > 0.8 => {
            format!("; did you mean `{nearest}`?")
        }
        _ => format!("; known are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests;
