//! Walks a users file from one end to the other: its manager, its lists, each entry's text, and what is wrong with
//! the shape of it all.
//!
//! ```text
//!   { "manager": "platform", "users": [ … ], "clients": [ … ] }      or NDJSON: one user a line
//! ```

use std::io::Read;

use crate::reconcile::change::Kind;
use crate::reconcile::source::reader::{Fault, suggestion};
use crate::reconcile::source::scan::{Cut, Position, Scanner};
use crate::reconcile::source::user;

/// The keys at the top of the file.
const TOP_LEVEL: &[&str] = &["$schema", "manager", "users", "clients"];

/// The longest entry, in bytes.
pub const LONGEST_ENTRY: usize = 1024 * 1024;

/// What a walk comes across.
pub(super) enum Piece {
    /// An entry; its text is in the walk's buffer.
    Entry { kind: Kind, index: usize, position: Position },
    /// The file's name for itself, JSON; its text is in the walk's buffer.
    Manager { position: Position },
    /// A list begins.
    List(Kind),
    /// Something is wrong.
    Fault(Fault),
    /// The text cannot be read.
    Unreadable(std::io::Error),
}

/// Where a walk stands.
#[derive(Clone, Copy)]
enum State {
    Start,
    /// Between the members of the object.
    Members {
        first: bool,
    },
    /// Between the entries of a list.
    Entries {
        kind: Kind,
        next: usize,
    },
    /// Behind the object.
    Behind,
    /// Between the lines of NDJSON.
    Lines {
        next: usize,
    },
    Finished,
}

/// A walk through one file.
pub(super) struct Walk<R> {
    scanner: Scanner<R>,
    state: State,
    keys: Vec<String>,
    /// The text that the last piece is about.
    pub(super) text: Vec<u8>,
}

impl<R: Read> Walk<R> {
    pub(super) fn new(input: R) -> Self {
        Self { scanner: Scanner::new(input), state: State::Start, keys: Vec::new(), text: Vec::new() }
    }

    /// Returns the next piece; nothing at the end.
    pub(super) fn next(&mut self) -> Option<Piece> {
        loop {
            let step = match self.state {
                State::Finished => return None,
                State::Start => self.start(),
                State::Members { first } => self.member(first),
                State::Entries { kind, next } => self.entry(kind, next),
                State::Behind => self.behind(),
                State::Lines { next } => self.line(next),
            };
            match step {
                Ok(Some(piece)) => return Some(piece),
                Ok(None) => {}
                Err(error) => {
                    self.state = State::Finished;
                    return Some(Piece::Unreadable(error));
                }
            }
        }
    }

    /// Ends the walk: nothing that follows could be understood.
    fn give_up(&mut self, message: impl Into<String>) -> Option<Piece> {
        self.state = State::Finished;
        Some(Piece::Fault(Fault::new(self.scanner.position(), "", message)))
    }

    fn start(&mut self) -> std::io::Result<Option<Piece>> {
        self.scanner.skip_byte_order_mark()?;
        let lines = first_key(self.scanner.beginning()?).is_some_and(|key| user::FIELDS.contains(&key.as_str()));
        Ok(match self.scanner.peek()? {
            None => self.give_up("is empty; a users file without users is {\"users\": []}"),
            Some(b'{') if lines => {
                self.state = State::Lines { next: 0 };
                Some(Piece::List(Kind::User))
            }
            Some(b'{') => {
                self.scanner.skip();
                self.state = State::Members { first: true };
                None
            }
            Some(_) => self.give_up("is not an object { … }"),
        })
    }

    fn member(&mut self, first: bool) -> std::io::Result<Option<Piece>> {
        match self.scanner.peek()? {
            None => return Ok(self.give_up("is not valid JSON: the file ends inside the object")),
            Some(b'}') => {
                self.scanner.skip();
                self.state = State::Behind;
                return Ok(None);
            }
            Some(b',') if !first => {
                self.scanner.skip();
                if self.scanner.peek()? != Some(b'"') {
                    return Ok(self.give_up("is not valid JSON: a key is missing behind the comma"));
                }
            }
            Some(b'"') if first => {}
            Some(_) => {
                let wanted = if first { "a key or `}`" } else { "`,` or `}`" };
                return Ok(self.give_up(format!("is not valid JSON: expected {wanted}")));
            }
        }
        self.state = State::Members { first: false };
        let position = self.scanner.position();
        if let Some(piece) = self.take("the key")? {
            return Ok(Some(piece));
        }
        let Ok(key) = serde_json::from_slice::<String>(&self.text) else {
            return Ok(self.give_up("is not valid JSON: this key is no text"));
        };
        if self.scanner.peek()? != Some(b':') {
            return Ok(self.give_up(format!("is not valid JSON: expected `:` behind {key:?}")));
        }
        self.scanner.skip();
        self.about(key, position)
    }

    /// Goes on behind a key.
    fn about(&mut self, key: String, position: Position) -> std::io::Result<Option<Piece>> {
        let twice = self.keys.contains(&key);
        let kind = Kind::ALL.into_iter().find(|kind| kind.list() == key);
        let next = self.scanner.peek()?;
        if let (Some(kind), Some(b'['), false) = (kind, next, twice) {
            self.keys.push(key);
            self.scanner.skip();
            self.state = State::Entries { kind, next: 0 };
            return Ok(Some(Piece::List(kind)));
        }
        let value = self.scanner.position();
        if let Some(piece) = self.take("the value")? {
            return Ok(Some(piece));
        }
        let fault = |position, message: String| Ok(Some(Piece::Fault(Fault::new(position, "", message))));
        if twice {
            return fault(position, format!("field `{key}` stands twice"));
        }
        if kind.is_some() {
            self.keys.push(key.clone());
            return Ok(Some(Piece::Fault(Fault::new(value, key, "should be a list [ … ]"))));
        }
        if !TOP_LEVEL.contains(&key.as_str()) {
            return fault(position, format!("unknown field `{key}`{}", suggestion(&key, TOP_LEVEL)));
        }
        let piece = (key == "manager").then_some(Piece::Manager { position: value });
        self.keys.push(key);
        Ok(piece)
    }

    /// Takes a value; what stands in the way is the piece that is returned.
    fn take(&mut self, what: &str) -> std::io::Result<Option<Piece>> {
        let position = self.scanner.position();
        let message = match self.scanner.value(&mut self.text, LONGEST_ENTRY) {
            Ok(()) => return Ok(None),
            Err(Cut::Io(error)) => return Err(error),
            Err(Cut::TooLong) => {
                let message = format!("{what} is longer than {} KiB", LONGEST_ENTRY / 1024);
                return Ok(Some(Piece::Fault(Fault::new(position, "", message))));
            }
            Err(Cut::Unfinished) => format!("is not valid JSON: the file ends inside {what}"),
            Err(Cut::Nothing) => format!("is not valid JSON: {what} is missing"),
        };
        self.state = State::Finished;
        Ok(Some(Piece::Fault(Fault::new(position, "", message))))
    }

    fn entry(&mut self, kind: Kind, next: usize) -> std::io::Result<Option<Piece>> {
        match self.scanner.peek()? {
            None => return Ok(self.give_up("is not valid JSON: the file ends inside the list")),
            Some(b']') => {
                self.scanner.skip();
                self.state = State::Members { first: false };
                return Ok(None);
            }
            Some(b',') if next > 0 => {
                self.scanner.skip();
            }
            Some(_) if next > 0 => return Ok(self.give_up("is not valid JSON: expected `,` or `]`")),
            Some(_) => {}
        }
        self.state = State::Entries { kind, next: next + 1 };
        self.entry_text(kind, next)
    }

    fn entry_text(&mut self, kind: Kind, index: usize) -> std::io::Result<Option<Piece>> {
        self.scanner.peek()?;
        let position = self.scanner.position();
        Ok(Some(match self.take("the entry")? {
            None => Piece::Entry { kind, index, position },
            Some(Piece::Fault(fault)) => Piece::Fault(Fault { place: format!("{}[{index}]", kind.list()), ..fault }),
            Some(piece) => piece,
        }))
    }

    fn behind(&mut self) -> std::io::Result<Option<Piece>> {
        let listed = self.keys.iter().any(|key| Kind::ALL.into_iter().any(|kind| kind.list() == key));
        Ok(match self.scanner.peek()? {
            // A first line that only names the manager: NDJSON follows.
            Some(_) if !listed && !self.keys.is_empty() => {
                self.state = State::Lines { next: 0 };
                Some(Piece::List(Kind::User))
            }
            Some(_) => self.give_up("is not valid JSON: something follows the object"),
            None if listed => {
                self.state = State::Finished;
                None
            }
            None => {
                self.state = State::Finished;
                Some(Piece::Fault(Fault::new(Position::START, "", "has no `users`: [ … ] and no `clients`: [ … ]")))
            }
        })
    }

    fn line(&mut self, next: usize) -> std::io::Result<Option<Piece>> {
        if self.scanner.peek()?.is_none() {
            self.state = State::Finished;
            return Ok(None);
        }
        self.state = State::Lines { next: next + 1 };
        self.entry_text(Kind::User, next)
    }
}

/// Returns the first key of the object that a text begins with.
fn first_key(text: &[u8]) -> Option<String> {
    let trimmed = |text: &[u8]| text.trim_ascii_start().to_vec();
    let inside = trimmed(text.trim_ascii_start().strip_prefix(b"{")?);
    let key = inside.strip_prefix(b"\"")?;
    let end = key.iter().position(|byte| *byte == b'"')?;
    String::from_utf8(key.get(..end)?.to_vec()).ok()
}
