//! Entries that are cut out of their files and read one by one, once the files have been checked.

use std::hash::{BuildHasher as _, DefaultHasher, Hasher as _, RandomState};
use std::io;
use std::sync::Arc;

use crate::reconcile::change::Kind;
use crate::reconcile::probe::Probes;
use crate::reconcile::source::open::Text;
use crate::reconcile::source::parsed::Parsed;
use crate::reconcile::source::quick::PlainUser;
use crate::reconcile::source::reader::Fault;
use crate::reconcile::source::scan::Position;
use crate::reconcile::source::values::Values;
use crate::reconcile::source::walk::{Piece, Walk};
use crate::reconcile::source::{Desired, UsersFileError, parse};

/// What there is to know about a file, to read its entries.
pub(super) struct About {
    pub(super) name: String,
    pub(super) values: Values,
}

impl About {
    pub(super) fn unreadable(&self, reason: impl std::fmt::Display) -> UsersFileError {
        UsersFileError::Unreadable { file: self.name.clone(), reason: reason.to_string() }
    }

    fn changed(&self) -> UsersFileError {
        UsersFileError::Changed { file: self.name.clone() }
    }
}

/// One entry of a file.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What the file wants.
    pub desired: Desired,
    /// The file, by its place on the command line.
    pub file: usize,
    /// Where the entry begins.
    pub position: Position,
    /// How long its text is.
    pub bytes: usize,
}

/// One entry of a file, cut out and not read: most entries change nothing, and are only asked for their names and
/// their digest.
pub(in crate::reconcile) struct EntryText {
    about: Arc<About>,
    text: Box<[u8]>,
    kind: Kind,
    index: usize,
    pub(in crate::reconcile) file: usize,
    pub(in crate::reconcile) position: Position,
}

impl EntryText {
    /// Returns how long it is.
    pub(in crate::reconcile) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`UsersFileError::Changed`]: it was without fault when it was checked.
    pub(in crate::reconcile) fn parse(&self) -> Result<Parsed<'_>, UsersFileError> {
        read(&self.text, self.kind, self.index, self.position, &self.about.values).map_err(|_| self.about.changed())
    }

    /// Adds what asks whether it would change anything.
    ///
    /// # Errors
    /// [`UsersFileError::Changed`]: it was without fault when it was checked.
    pub(in crate::reconcile) fn probe(&self, probes: &mut Probes) -> Result<(), UsersFileError> {
        let user = str::from_utf8(&self.text).ok().filter(|_| self.kind == Kind::User);
        let parsed = match user.and_then(PlainUser::read_again) {
            Some(plain) => Parsed::Plain(plain),
            None => self.parse()?,
        };
        probes.push(&parsed.probe());
        Ok(())
    }

    /// Reads it to the end.
    ///
    /// # Errors
    /// [`UsersFileError::Changed`]: it was without fault when it was checked.
    pub(in crate::reconcile) fn read(&self) -> Result<Entry, UsersFileError> {
        let desired = self.parse()?.into_desired();
        Ok(Entry { desired, file: self.file, position: self.position, bytes: self.bytes() })
    }
}

/// Recognises the entries of a file, their order and their texts. The key is new in every run: nobody can write a file
/// that looks like another one.
#[derive(Clone)]
pub(super) struct Digest(DefaultHasher);

impl Digest {
    pub(super) fn new(state: &RandomState) -> Self {
        Self(state.build_hasher())
    }

    pub(super) fn add(&mut self, kind: Kind, text: &[u8]) {
        self.0.write_u8(kind as u8);
        self.0.write_usize(text.len());
        self.0.write(text);
    }

    fn is(&self, other: &Self) -> bool {
        self.0.finish() == other.0.finish()
    }
}

/// Reads the bytes of one entry.
pub(super) fn read<'t>(
    text: &'t [u8],
    kind: Kind,
    index: usize,
    position: Position,
    values: &Values,
) -> Result<Parsed<'t>, Vec<Fault>> {
    match str::from_utf8(text) {
        Ok(text) => parse(kind, text, position, Some(index), values),
        Err(error) => {
            let sound = String::from_utf8_lossy(text.get(..error.valid_up_to()).unwrap_or_default());
            let position = position.within(&sound, sound.len());
            Err(vec![Fault::new(position, format!("{}[{index}]", kind.list()), "is not UTF-8 text")])
        }
    }
}

/// A file that is read again.
pub(super) struct Again<'s> {
    file: usize,
    about: &'s Arc<About>,
    walk: Walk<io::Take<&'s mut Box<dyn Text>>>,
    /// What its entries were when it was checked, if it was, and what they are now.
    checked: Option<&'s Digest>,
    found: Digest,
}

impl<'s> Again<'s> {
    /// Begins to read; `found` has the key of `checked`.
    pub(super) fn new(
        file: usize,
        about: &'s Arc<About>,
        walk: Walk<io::Take<&'s mut Box<dyn Text>>>,
        checked: Option<&'s Digest>,
        found: Digest,
    ) -> Self {
        Self { file, about, walk, checked, found }
    }
}

/// The entries of one kind, as texts.
pub(in crate::reconcile) struct Texts<'s> {
    /// Last file first.
    walks: Vec<Again<'s>>,
    kind: Kind,
}

impl<'s> Texts<'s> {
    pub(super) fn new(mut walks: Vec<Again<'s>>, kind: Kind) -> Self {
        walks.reverse();
        Self { walks, kind }
    }

    /// Reads on; `None` at the end of the last file.
    fn read(&mut self) -> Option<Result<EntryText, UsersFileError>> {
        loop {
            let again = self.walks.last_mut()?;
            match again.walk.next() {
                None => {
                    let again = self.walks.pop()?;
                    if again.checked.is_some_and(|checked| !checked.is(&again.found)) {
                        return Some(Err(again.about.changed()));
                    }
                }
                Some(Piece::Entry { kind, index, position }) => {
                    again.found.add(kind, &again.walk.text);
                    if kind != self.kind {
                        continue;
                    }
                    let (about, text) = (Arc::clone(again.about), again.walk.text.as_slice().into());
                    return Some(Ok(EntryText { about, text, kind, index, file: again.file, position }));
                }
                // It was without fault when it was checked.
                Some(Piece::Fault(_)) => return Some(Err(again.about.changed())),
                Some(Piece::Unreadable(error)) => {
                    return Some(Err(again.about.unreadable(format!("cannot be read: {error}"))));
                }
                Some(Piece::Manager { .. } | Piece::List(_)) => {}
            }
        }
    }
}

impl Iterator for Texts<'_> {
    type Item = Result<EntryText, UsersFileError>;

    /// Returns the next entry; nothing follows an error.
    fn next(&mut self) -> Option<Self::Item> {
        let next = self.read();
        if matches!(next, Some(Err(_))) {
            self.walks.clear();
        }
        next
    }
}
