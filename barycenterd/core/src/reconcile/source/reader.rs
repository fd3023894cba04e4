//! Reads one entry's text: members, typed values, and every fault with its place.
//!
//! Values are kept as slices of the text until they are read, so that each fault knows its line and column.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize as _;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::reconcile::source::MOST_FAULTS;
use crate::reconcile::source::scan::Position;
use crate::reconcile::source::values::{Found, Values};

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

impl Fault {
    /// Returns a fault at a position.
    pub(super) fn new(position: Position, place: impl Into<String>, message: impl Into<String>) -> Self {
        let Position { line, column } = position;
        Self { line, column, place: place.into(), message: message.into() }
    }
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

/// A field of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Field<T> {
    /// Not mentioned: not managed.
    #[default]
    Absent,
    /// `null`: to be cleared.
    Null,
    /// To be set.
    Value(T),
}

impl<T> Field<T> {
    /// Returns the value, if the field has one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Looks at the value.
    pub(super) const fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(value),
        }
    }

    /// Makes another value of the value.
    pub(super) fn map<U>(self, other: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(other(value)),
        }
    }
}

/// One member of a JSON object, its value still text.
pub(super) struct Member<'t> {
    pub(super) key: String,
    pub(super) value: &'t RawValue,
}

/// Walks the text of one entry and gathers faults.
pub(super) struct Reader<'t, 'v> {
    text: &'t str,
    /// Where the text begins in its file.
    base: Position,
    /// The list and the place in it; none for an entry by itself.
    entry: Option<(&'static str, usize)>,
    /// What the entry is called.
    name: Option<String>,
    values: &'v Values,
    pub(super) faults: Vec<Fault>,
}

impl<'t, 'v> Reader<'t, 'v> {
    pub(super) fn new(text: &'t str, base: Position, entry: Option<(&'static str, usize)>, values: &'v Values) -> Self {
        Self { text, base, entry, name: None, values, faults: Vec::new() }
    }

    /// Names the entry by one of its members, if that is a text.
    pub(super) fn name_by(&mut self, key: &str, members: &[Member<'t>]) {
        let value = members.iter().find(|member| member.key == key).map(|member| member.value.get());
        self.name = value.and_then(|text| serde_json::from_str(text).ok());
    }

    /// Returns `users[1] "app-service" email`.
    fn place(&self, field: &str) -> String {
        let mut parts = Vec::new();
        parts.extend(self.entry.map(|(list, index)| format!("{list}[{index}]")));
        parts.extend(self.name.as_ref().map(|name| format!("\"{}\"", name.escape_debug())));
        parts.extend(Some(field.to_owned()).filter(|field| !field.is_empty()));
        parts.join(" ")
    }

    /// Returns the text as one value; a syntax error is a fault with its position.
    pub(super) fn document(&mut self) -> Option<&'t RawValue> {
        serde_json::from_str(self.text).map_err(|error| self.syntax_error(self.text, &error)).ok()
    }

    /// Notes a syntax error that was found in `part`.
    fn syntax_error(&mut self, part: &str, error: &serde_json::Error) {
        let before: usize = part.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let offset = self.offset_of(part) + before + error.column().saturating_sub(1);
        self.fault_at(offset, "", format!("is not valid JSON: {}", without_position(error)));
    }

    /// Where a slice of the text begins, in bytes.
    fn offset_of(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// Notes a fault at a value of the entry's `field`.
    pub(super) fn fault(&mut self, value: &RawValue, field: &str, message: impl Into<String>) {
        self.fault_at(self.offset_of(value.get()), field, message);
    }

    fn fault_at(&mut self, offset: usize, field: &str, message: impl Into<String>) {
        let place = self.place(field);
        // Those that follow are only counted: looking for their places would take longer than anybody waits.
        let position = if self.faults.len() < MOST_FAULTS { self.base.within(self.text, offset) } else { self.base };
        self.faults.push(Fault::new(position, place, message));
    }

    /// Splits an object into members.
    pub(super) fn split(&mut self, object: &'t RawValue, field: &str) -> Vec<Member<'t>> {
        if !object.get().starts_with('{') {
            self.fault(object, field, "is not an object { … }");
            return Vec::new();
        }
        Members::read(object).unwrap_or_else(|error| {
            self.syntax_error(object.get(), &error);
            Vec::new()
        })
    }

    /// Leaves out members that stand twice or, where some are known, are unknown: each is a fault.
    pub(super) fn sound(&mut self, members: Vec<Member<'t>>, field: &str, known: &[&str]) -> Vec<Member<'t>> {
        let mut kept: Vec<Member<'t>> = Vec::with_capacity(members.len());
        let mut keys: HashSet<String> = HashSet::with_capacity(members.len());
        for member in members {
            let key = &member.key;
            if !known.is_empty() && !known.contains(&key.as_str()) {
                let message = format!("unknown field `{key}`{}", suggestion(key, known));
                self.fault_at(self.key_offset(&member), field, message);
            } else if !keys.insert(key.clone()) {
                self.fault_at(self.key_offset(&member), field, format!("field `{key}` stands twice"));
            } else {
                kept.push(member);
            }
        }
        kept
    }

    /// Where a member's key begins: the last time that it stands before the value.
    fn key_offset(&self, member: &Member<'_>) -> usize {
        let value = self.offset_of(member.value.get());
        if self.faults.len() >= MOST_FAULTS {
            return value;
        }
        let quoted = format!("\"{}\"", member.key);
        self.text.get(..value).and_then(|before| before.rfind(&quoted)).unwrap_or(value)
    }

    /// Reads a value as `T`; anything else is a fault that says what it should be, and never what it is.
    pub(super) fn value<T: for<'de> serde::Deserialize<'de>>(
        &mut self,
        value: &RawValue,
        field: &str,
        wanted: &str,
    ) -> Option<T> {
        match serde_json::from_str(value.get()) {
            Ok(value) => Some(value),
            Err(error) if error.is_data() => {
                self.fault(value, field, format!("should be {wanted}"));
                None
            }
            Err(error) => {
                self.fault(value, field, without_position(&error));
                None
            }
        }
    }

    /// Reads a value as a field: `null` clears it.
    pub(super) fn field<T: for<'de> serde::Deserialize<'de>>(
        &mut self,
        value: &RawValue,
        field: &str,
        wanted: &str,
    ) -> Field<T> {
        match self.value::<Option<T>>(value, field, wanted) {
            None => Field::Absent,
            Some(None) => Field::Null,
            Some(Some(value)) => Field::Value(value),
        }
    }

    /// Reads a text as a field, its placeholders filled in.
    pub(super) fn text(&mut self, value: &RawValue, field: &str) -> Field<String> {
        match self.field::<String>(value, field, "a text or null") {
            Field::Value(text) => self.fill(value, field, text).map_or(Field::Absent, Field::Value),
            other => other,
        }
    }

    /// Fills in a text's placeholders.
    pub(super) fn fill(&mut self, value: &RawValue, field: &str, text: String) -> Option<String> {
        self.values.fill(text).map_err(|message| self.fault(value, field, message)).ok()
    }

    /// Fills in the placeholders of every text inside a JSON value.
    pub(super) fn fill_all(&mut self, value: &RawValue, field: &str, json: Value) -> Option<Value> {
        if self.has_placeholder(value) { self.fill_texts(value, field, json) } else { Some(json) }
    }

    fn fill_texts(&mut self, value: &RawValue, field: &str, json: Value) -> Option<Value> {
        match json {
            Value::String(text) => self.fill(value, field, text).map(Value::String),
            Value::Array(items) => {
                let filled = items.into_iter().map(|item| self.fill_texts(value, field, item));
                filled.collect::<Option<_>>().map(Value::Array)
            }
            Value::Object(members) => {
                let filled = members.into_iter().map(|(key, item)| Some((key, self.fill_texts(value, field, item)?)));
                filled.collect::<Option<_>>().map(Value::Object)
            }
            other => Some(other),
        }
    }

    /// Returns whether a value has, or had, a placeholder: what was filled in must not be repeated in a message.
    pub(super) fn has_placeholder(&self, value: &RawValue) -> bool {
        self.values.fills() && value.get().contains("${")
    }

    /// Reads a secret: a text, a placeholder, or `{"file": …}`.
    pub(super) fn secret(&mut self, value: &RawValue, field: &str) -> Field<Found> {
        match self.values.secret(value.get()) {
            Ok(None) => Field::Null,
            Ok(Some(found)) => Field::Value(found),
            Err(message) => {
                self.fault(value, field, message);
                Field::Absent
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
                let mut members = Vec::with_capacity(8);
                while let Some((key, value)) = map.next_entry()? {
                    members.push(Member { key, value });
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// serde_json ends its messages with "at line 1 column 2"; we name the place in front.
pub(super) fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.find(" at line ") {
        Some(end) => message.get(..end).unwrap_or_default().to_owned(),
        None => message,
    }
}

/// `; did you mean …?` when something similar is known; else what is known.
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
