//! Cuts JSON text into values without keeping more of it than one value: a users file may be larger than memory.
//!
//! Only the shape is looked at here (brackets, strings, white space); what a value holds is checked by who reads it.
//! Lines and columns are counted on the way, columns in characters.

use std::io::{self, Read};

use memchr::{memchr_iter, memchr2, memrchr};

/// How much is read at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// A place in a text, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Position {
    /// The beginning of a text.
    pub const START: Self = Self { line: 1, column: 1 };

    /// Moves on over `bytes`.
    fn advance(&mut self, bytes: &[u8]) {
        let mut line = bytes;
        if let Some(last) = memrchr(b'\n', bytes) {
            self.line += memchr_iter(b'\n', bytes).count();
            self.column = 1;
            line = bytes.get(last + 1..).unwrap_or_default();
        }
        // The first byte of each character; the others do not count.
        self.column += line.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count();
    }

    /// Returns where `offset` (bytes) of a text lies that begins here.
    #[must_use]
    pub(super) fn within(mut self, text: &str, offset: usize) -> Self {
        self.advance(text.as_bytes().get(..offset).unwrap_or(text.as_bytes()));
        self
    }
}

/// Why a value cannot be taken.
#[derive(Debug)]
pub(super) enum Cut {
    /// The text ends inside it.
    Unfinished,
    /// It is longer than allowed; it has been skipped.
    TooLong,
    /// It is no value: a comma, a closing bracket.
    Nothing,
    /// The text cannot be read.
    Io(io::Error),
}

impl From<io::Error> for Cut {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads a text piece by piece.
pub(super) struct Scanner<R> {
    input: R,
    chunk: Box<[u8]>,
    start: usize,
    end: usize,
    /// Where the byte at `counted` of the chunk stands: lines are counted only when somebody asks.
    position: Position,
    counted: usize,
}

/// Where the end of a value is looked for.
#[derive(Default)]
struct Shape {
    depth: usize,
    in_string: bool,
    /// Whether the last byte of the string was a backslash that means the next one.
    escaped: bool,
}

impl Shape {
    /// Looks at more of an object, a list or a string; returns where it ends, if it does: behind that byte.
    fn end_in(&mut self, text: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if std::mem::take(&mut self.escaped) {
                at += 1;
                continue;
            }
            let found = if self.in_string {
                memchr2(b'"', b'\\', rest)
            } else {
                rest.iter().position(|byte| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'))
            };
            at += found? + 1;
            match text.get(at - 1) {
                Some(b'\\') => self.escaped = true,
                Some(b'"') => self.in_string = !self.in_string,
                Some(b'{' | b'[') => self.depth += 1,
                _ => self.depth = self.depth.saturating_sub(1),
            }
            if self.depth == 0 && !self.in_string {
                return Some(at);
            }
        }
        None
    }
}

impl<R: Read> Scanner<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            chunk: vec![0; CHUNK].into_boxed_slice(),
            start: 0,
            end: 0,
            position: Position::START,
            counted: 0,
        }
    }

    /// Returns where the next byte stands.
    pub(super) fn position(&mut self) -> Position {
        self.position.advance(self.chunk.get(self.counted..self.start).unwrap_or_default());
        self.counted = self.start;
        self.position
    }

    /// What has been read and not been taken yet; empty at the end of the text.
    fn rest(&mut self) -> io::Result<&[u8]> {
        while self.start == self.end {
            self.position();
            match self.input.read(&mut self.chunk) {
                Ok(0) => return Ok(&[]),
                Ok(length) => (self.start, self.counted, self.end) = (0, 0, length),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.chunk.get(self.start..self.end).unwrap_or_default())
    }

    /// Returns the beginning of the text, up to one chunk, without taking it. Only for a scanner that is new.
    pub(super) fn beginning(&mut self) -> io::Result<&[u8]> {
        while self.end < self.chunk.len() {
            let room = self.chunk.get_mut(self.end..).unwrap_or_default();
            match self.input.read(room) {
                Ok(0) => break,
                Ok(length) => self.end += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.chunk.get(self.start..self.end).unwrap_or_default())
    }

    /// Takes `length` bytes of what [`Scanner::rest`] gave, and hands them to `into`.
    fn take(&mut self, length: usize, into: Option<&mut Vec<u8>>) {
        let taken = self.chunk.get(self.start..self.start + length).unwrap_or_default();
        if let Some(into) = into {
            into.extend_from_slice(taken);
        }
        self.start += length;
    }

    /// Leaves out a byte order mark at the beginning.
    pub(super) fn skip_byte_order_mark(&mut self) -> io::Result<()> {
        if self.beginning()?.starts_with(b"\xef\xbb\xbf") {
            (self.start, self.counted) = (3, 3);
        }
        Ok(())
    }

    /// Skips white space and returns the next byte, without taking it.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let rest = self.rest()?;
            if rest.is_empty() {
                return Ok(None);
            }
            let blank = rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
            let next = rest.get(blank).copied();
            self.take(blank, None);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    /// Takes the byte that [`Scanner::peek`] has returned.
    pub(super) fn skip(&mut self) {
        self.take(1, None);
    }

    /// Takes the next value, whatever it is, into `text`, which is emptied first: at most `limit` bytes.
    pub(super) fn value(&mut self, text: &mut Vec<u8>, limit: usize) -> Result<(), Cut> {
        text.clear();
        match self.peek()? {
            None => Err(Cut::Unfinished),
            Some(b'{' | b'[' | b'"') => self.enclosed(text, limit),
            Some(b',' | b':' | b'}' | b']') => Err(Cut::Nothing),
            Some(_) => self.bare(text, limit),
        }
    }

    /// Takes an object, a list or a string.
    fn enclosed(&mut self, text: &mut Vec<u8>, limit: usize) -> Result<(), Cut> {
        let mut shape = Shape::default();
        let mut length = 0;
        loop {
            let rest = self.rest()?;
            if rest.is_empty() {
                return Err(Cut::Unfinished);
            }
            let end = shape.end_in(rest);
            let taken = end.unwrap_or(rest.len());
            length += taken;
            self.take(taken, (length <= limit).then_some(&mut *text));
            if end.is_some() {
                return if length <= limit { Ok(()) } else { Err(Cut::TooLong) };
            }
        }
    }

    /// Takes a number, `true`, `false`, `null`, or what stands in their place.
    fn bare(&mut self, text: &mut Vec<u8>, limit: usize) -> Result<(), Cut> {
        let mut length = 0;
        loop {
            let rest = self.rest()?;
            let end = rest.iter().position(|byte| b",:{}[]\" \t\r\n".contains(byte));
            let taken = end.unwrap_or(rest.len());
            let finished = end.is_some() || rest.is_empty();
            length += taken;
            self.take(taken, (length <= limit).then_some(&mut *text));
            if finished {
                return if length <= limit { Ok(()) } else { Err(Cut::TooLong) };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time: every boundary is tried.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn values_are_cut_wherever_the_text_is_torn() {
        let text = " {\"a\":\"}\\\"]\"} [1,[2]]\n\"\u{fc}\" 12.5e3 true";
        for whole in [true, false] {
            let input: Box<dyn Read> =
                if whole { Box::new(text.as_bytes()) } else { Box::new(Trickle(text.as_bytes())) };
            let mut scanner = Scanner::new(input);
            let mut found = Vec::new();
            let mut value = Vec::new();
            while scanner.peek().unwrap().is_some() {
                let position = scanner.position();
                scanner.value(&mut value, 100).unwrap();
                found.push(format!("{}:{} {}", position.line, position.column, String::from_utf8_lossy(&value)));
            }
            assert_eq!(found, ["1:2 {\"a\":\"}\\\"]\"}", "1:15 [1,[2]]", "2:1 \"\u{fc}\"", "2:5 12.5e3", "2:12 true"]);
        }
    }

    #[test]
    fn what_is_too_long_is_skipped_and_what_is_unfinished_is_told() {
        let text = format!("\"{}\" 7 [", "x".repeat(200_000));
        let mut scanner = Scanner::new(text.as_bytes());
        let mut value = Vec::new();
        assert!(matches!(scanner.value(&mut value, 1000), Err(Cut::TooLong)));
        assert!(value.capacity() < 100_000);
        scanner.value(&mut value, 1000).unwrap();
        assert_eq!(value, b"7");
        assert!(matches!(scanner.value(&mut value, 1000), Err(Cut::Unfinished)));
    }
}
