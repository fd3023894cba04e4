//! Opens users files, checks them as a whole, and gives their entries.

use std::collections::HashMap;
use std::fs::{self, File};
use std::hash::RandomState;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crate::model::Manager;
use crate::reconcile::change::Kind;
use crate::reconcile::source::checkers::{Checkers, Faults, Place};
use crate::reconcile::source::entries::{About, Again, Digest, Entry, Texts};
use crate::reconcile::source::index::{Index, Name};
use crate::reconcile::source::reader::{Fault, without_position};
use crate::reconcile::source::scan::Position;
use crate::reconcile::source::values::Values;
use crate::reconcile::source::walk::{Piece, Walk};
use crate::reconcile::source::{Checked, MOST_FAULTS, UsersFileError};

/// How many sample passwords are named.
pub(super) const MOST_SAMPLES: usize = 10;

pub(super) trait Text: Read + Seek + Send {}

impl<T: Read + Seek + Send> Text for T {}

/// One file.
struct Part {
    about: Arc<About>,
    text: Box<dyn Text>,
    /// How long the file was when it was checked, in bytes: what is added meanwhile is not read.
    length: u64,
    /// What its entries were when it was checked.
    checked: Option<Digest>,
}

/// Users files, ready to be read as often as needed.
#[derive(Default)]
pub struct Source {
    parts: Vec<Part>,
    name: String,
    digests: RandomState,
}

fn unreadable(file: &str, reason: impl std::fmt::Display) -> UsersFileError {
    UsersFileError::Unreadable { file: file.to_owned(), reason: reason.to_string() }
}

impl Source {
    /// Opens files: symbolic links are followed (a mounted Secret is one), a folder stands for the `.json`, `.ndjson`
    /// and `.jsonl` files in it, `-` for `stdin`.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn open(paths: &[PathBuf], values: &Values, stdin: &mut dyn Read) -> Result<Self, UsersFileError> {
        let mut parts = Vec::new();
        for path in paths {
            if path.as_os_str() == "-" {
                parts.push(Part::spool("stdin", stdin, values.clone().with_references(PathBuf::from(".")))?);
                continue;
            }
            let name = path.display().to_string();
            let metadata = fs::metadata(path).map_err(|error| unreadable(&name, format!("cannot be read: {error}")))?;
            if metadata.is_dir() {
                for file in files_of(path)? {
                    parts.push(Part::open(&file, values)?);
                }
            } else {
                parts.push(Part::open(path, values)?);
            }
        }
        let name = match parts.as_slice() {
            [part] => part.about.name.clone(),
            several => format!("{} files", several.len()),
        };
        Ok(Self { parts, name, digests: RandomState::new() })
    }

    /// Keeps what `input` gives as if it were a file called `name`.
    ///
    /// # Errors
    /// When it cannot be read or kept.
    pub fn from_reader(name: &str, input: &mut dyn Read, values: Values) -> Result<Self, UsersFileError> {
        Ok(Self { parts: vec![Part::spool(name, input, values)?], name: name.to_owned(), digests: RandomState::new() })
    }

    /// Takes a text as if it were a file.
    #[must_use]
    pub fn from_text(name: &str, text: impl Into<Vec<u8>>, values: Values) -> Self {
        let text = text.into();
        let length = text.len() as u64;
        let part = Part::new(name, Box::new(Cursor::new(text)), length, values);
        Self { parts: vec![part], name: name.to_owned(), digests: RandomState::new() }
    }

    /// Returns how messages call the file or files.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the names of the files, as entries number them.
    #[must_use]
    pub fn file_names(&self) -> Vec<String> {
        self.parts.iter().map(|part| part.about.name.clone()).collect()
    }

    /// Reads everything and checks it: each entry by itself, and all of them together.
    ///
    /// # Errors
    /// Everything that is wrong with the first file that has faults.
    pub fn check(&mut self) -> Result<Checked, UsersFileError> {
        let mut checked =
            Checked { manager: Manager::default(), kinds: Vec::new(), index: Index::default(), samples: Vec::new() };
        let mut first: Option<(Manager, String)> = None;
        for part in &mut self.parts {
            let manager = part.check(&mut checked, Digest::new(&self.digests))?.unwrap_or_default();
            if let Some((earlier, file)) = first.as_ref().filter(|(earlier, _)| *earlier != manager) {
                return Err(unreadable(
                    &part.about.name,
                    format!(
                        "its manager is {:?}, that of {file} is {:?}; files of several managers are applied one by one",
                        manager.as_str(),
                        earlier.as_str()
                    ),
                ));
            }
            first.get_or_insert_with(|| (manager, part.about.name.clone()));
        }
        checked.manager = first.map(|(manager, _)| manager).unwrap_or_default();
        checked.kinds.sort_unstable();
        checked.kinds.dedup();
        let twice = checked.index.sort();
        if !twice.is_empty() {
            self.refuse_duplicates(&checked.index, &twice)?;
        }
        Ok(checked)
    }

    /// Reads the entries of one kind, of all files, in their order.
    ///
    /// # Errors
    /// When a file cannot be read from its beginning.
    pub fn entries(
        &mut self,
        kind: Kind,
    ) -> Result<impl Iterator<Item = Result<Entry, UsersFileError>>, UsersFileError> {
        Ok(self.texts(kind)?.map(|text| text?.read()))
    }

    /// Cuts the entries of one kind out of all files, in their order, and reads none of them.
    ///
    /// # Errors
    /// When a file cannot be read from its beginning.
    pub(in crate::reconcile) fn texts(&mut self, kind: Kind) -> Result<Texts<'_>, UsersFileError> {
        let mut walks = Vec::with_capacity(self.parts.len());
        for (file, part) in self.parts.iter_mut().enumerate() {
            let about = &part.about;
            part.text.rewind().map_err(|error| about.unreadable(format!("cannot be read again: {error}")))?;
            let walk = Walk::new((&mut part.text).take(part.length));
            walks.push(Again::new(file, about, walk, part.checked.as_ref(), Digest::new(&self.digests)));
        }
        Ok(Texts::new(walks, kind))
    }

    /// Reads the files again and names what stands twice, with both places.
    fn refuse_duplicates(&mut self, index: &Index, twice: &[(Name, u64)]) -> Result<(), UsersFileError> {
        let mut seen: HashMap<(Name, String), (usize, Position)> = HashMap::new();
        let mut faults: Vec<(usize, Fault)> = Vec::new();
        let mut total = 0;
        let names: Vec<String> = self.parts.iter().map(|part| part.about.name.clone()).collect();
        for kind in Kind::ALL {
            let mut place = 0;
            let mut last_file = 0;
            for text in self.texts(kind)? {
                let text = text?;
                let (parsed, file, position) = (text.parse()?, text.file, text.position);
                place = if file == last_file { place } else { 0 };
                last_file = file;
                for name in Name::ALL {
                    let Some(text) = name.of(&parsed.names()).map(str::to_owned) else { continue };
                    if twice.binary_search(&(name, index.hash(&text))).is_err() {
                        continue;
                    }
                    let known = (name, text);
                    let Some((first_file, first)) = seen.get(&known) else {
                        seen.insert(known, (file, position));
                        continue;
                    };
                    let (name, text) = known;
                    total += 1;
                    if faults.len() < MOST_FAULTS {
                        let other = if *first_file == file {
                            String::new()
                        } else {
                            format!("in {} ", names.get(*first_file).map_or("", String::as_str))
                        };
                        let value = if matches!(name, Name::Key(_)) { String::new() } else { format!(" {text}") };
                        let message = format!(
                            "duplicate {}{value} (first {other}at {}:{})",
                            name.noun(),
                            first.line,
                            first.column
                        );
                        let shown = format!("{}[{place}] \"{}\"", kind.list(), parsed.name().escape_debug());
                        faults.push((file, Fault::new(position, shown, message)));
                    }
                }
                place += 1;
            }
        }
        let Some(file) = faults.first().map(|(file, _)| *file) else { return Ok(()) };
        let faults = faults.into_iter().filter(|(other, _)| *other == file).map(|(_, fault)| fault).collect();
        Err(UsersFileError::Faults { file: names.get(file).cloned().unwrap_or_default(), faults, total })
    }
}

impl Part {
    fn new(name: &str, text: Box<dyn Text>, length: u64, values: Values) -> Self {
        Self { about: Arc::new(About { name: name.to_owned(), values }), text, length, checked: None }
    }

    fn open(path: &Path, values: &Values) -> Result<Self, UsersFileError> {
        let name = path.display().to_string();
        let failed = |error: io::Error| unreadable(&name, format!("cannot be read: {error}"));
        let mut file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let values = values.clone().with_references(folder.to_owned());
        if metadata.is_file() {
            return Ok(Self::new(&name, Box::new(file), metadata.len(), values));
        }
        if is_pipe(&metadata) {
            return Self::spool(&name, &mut file, values);
        }
        Err(unreadable(&name, "is neither a file nor a pipe"))
    }

    /// Keeps what comes through a pipe in a temporary file that has no name.
    fn spool(name: &str, input: &mut dyn Read, values: Values) -> Result<Self, UsersFileError> {
        let failed = |error: io::Error| unreadable(name, format!("cannot be kept in a temporary file: {error}"));
        let mut file = tempfile::tempfile().map_err(failed)?;
        let length = io::copy(input, &mut file).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        Ok(Self::new(name, Box::new(file), length, values))
    }

    /// Reads the file and notes its names; returns the manager that it names.
    fn check(&mut self, checked: &mut Checked, mut digest: Digest) -> Result<Option<Manager>, UsersFileError> {
        let about = &self.about;
        let failed = |error: io::Error| about.unreadable(format!("cannot be read: {error}"));
        self.text.rewind().map_err(failed)?;
        let mut walk = Walk::new((&mut self.text).take(self.length));
        let mut manager = None;
        let mut faults = Faults::default();
        let (values, index) = (&about.values, checked.index.like());
        let found = thread::scope(|scope| {
            let mut checkers = Checkers::start(scope, values, &index);
            while let Some(piece) = walk.next() {
                match piece {
                    Piece::List(kind) => checked.kinds.push(kind),
                    Piece::Fault(fault) => faults.add([fault]),
                    Piece::Unreadable(error) => return Err(failed(error)),
                    Piece::Manager { position } => match manager_of(&walk.text, position) {
                        Ok(name) => manager = Some(name),
                        Err(fault) => faults.add([fault]),
                    },
                    Piece::Entry { kind, index, position } => {
                        digest.add(kind, &walk.text);
                        checkers.take(Place { kind, index, position }, &walk.text);
                    }
                }
            }
            Ok(checkers.end())
        })?;
        let mut samples = Vec::new();
        for found in found {
            faults.merge(found.faults);
            checked.index.merge(found.index);
            samples.extend(found.samples);
        }
        samples.sort_unstable();
        let room = MOST_SAMPLES.saturating_sub(checked.samples.len());
        checked.samples.extend(samples.into_iter().take(room).map(|(_, name)| name));
        faults.into_result(&about.name)?;
        self.checked = Some(digest);
        Ok(manager)
    }
}

fn manager_of(text: &[u8], position: Position) -> Result<Manager, Fault> {
    match serde_json::from_slice::<String>(text) {
        Ok(name) if name.trim().is_empty() => Err(Fault::new(position, "", "manager is empty")),
        Ok(name) => Ok(Manager::new(name)),
        Err(error) if error.is_data() => Err(Fault::new(position, "", "manager should be a text")),
        Err(error) => Err(Fault::new(position, "manager", without_position(&error))),
    }
}

/// The users files in a folder, by name; what is hidden is left out: a mounted Secret keeps its versions so.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, UsersFileError> {
    let name = folder.display().to_string();
    let failed = |error: io::Error| unreadable(&name, format!("cannot be read: {error}"));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        let known = path.extension().is_some_and(|extension| {
            ["json", "ndjson", "jsonl"].iter().any(|known| extension.eq_ignore_ascii_case(known))
        });
        if !hidden && known && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(unreadable(&name, "holds no .json, .ndjson or .jsonl file"));
    }
    Ok(files)
}

#[cfg(unix)]
fn is_pipe(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;

    metadata.file_type().is_fifo() || metadata.file_type().is_socket()
}
