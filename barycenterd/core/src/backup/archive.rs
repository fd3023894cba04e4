//! The tar itself: written once from front to back, read once from front to back, digests on the way.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use tar::{Archive, Builder, EntryType, Header};

use crate::backup::manifest::{FORMAT, MANIFEST, Manifest, Member, SEAL};
use crate::backup::{BackupError, at};

/// The longest manifest that is read.
const MOST_MANIFEST: u64 = 1 << 20;

/// Returns the SHA-256 of a text, in hexadecimal.
pub(super) fn digest_of(bytes: &[u8]) -> String {
    let mut context = Context::new(&SHA256);
    context.update(bytes);
    hexadecimal(context)
}

fn hexadecimal(context: Context) -> String {
    context.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Digests what goes through.
struct Digesting<T> {
    inner: T,
    context: Context,
    length: u64,
}

impl<T> Digesting<T> {
    fn new(inner: T) -> Self {
        Self { inner, context: Context::new(&SHA256), length: 0 }
    }

    fn note(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
        self.length += bytes.len() as u64;
    }
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.note(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl<W: Write> Write for Digesting<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(buffer)?;
        self.note(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Returns what a manifest says of a file.
pub(super) fn member(name: &str, file: &Path) -> Result<Member, BackupError> {
    let mut digesting = Digesting::new(File::open(file).map_err(at(file))?);
    io::copy(&mut digesting, &mut io::sink()).map_err(at(file))?;
    Ok(Member { name: name.to_owned(), size: digesting.length, sha256: hexadecimal(digesting.context) })
}

/// Writes a backup to a new file, for its owner only; returns its length and its SHA-256. `files` are the members of
/// the manifest, in its order.
pub(super) fn pack(to: &Path, manifest: &Manifest, files: &[PathBuf]) -> Result<(u64, String), BackupError> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).map_err(at(to))?;
    let time = u64::try_from(manifest.created_at.as_unix()).unwrap_or_default();
    let mut builder = Builder::new(Digesting::new(BufWriter::new(file)));
    let json = serde_json::to_vec_pretty(manifest).unwrap_or_default();
    let mut write = || -> io::Result<()> {
        builder.append_data(&mut header(json.len() as u64, time), MANIFEST, json.as_slice())?;
        for (member, file) in manifest.members.iter().zip(files) {
            // As long as it was when it was digested; one that has changed since is found out by `verify`.
            let contents = File::open(file)?.take(member.size);
            builder.append_data(&mut header(member.size, time), &member.name, contents)?;
        }
        let seal = digest_of(&json);
        builder.append_data(&mut header(seal.len() as u64, time), SEAL, seal.as_bytes())?;
        builder.finish()
    };
    write().map_err(at(to))?;
    let Digesting { inner, context, length } = builder.into_inner().map_err(at(to))?;
    let file = inner.into_inner().map_err(|error| at(to)(error.into_error()))?;
    file.sync_all().map_err(at(to))?;
    Ok((length, hexadecimal(context)))
}

fn header(size: u64, time: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(time);
    header
}

/// Reads a backup into `folder`, a file for each member (mode 0600, synced), and returns its manifest. Whatever is not
/// exactly as the manifest says is an error.
pub(super) fn unpack(backup: &Path, folder: &Path) -> Result<Manifest, BackupError> {
    let damaged = |reason: String| BackupError::Damaged { path: backup.to_owned(), reason };
    let broken = |error: io::Error| damaged(error.to_string());
    let mut archive = Archive::new(BufReader::new(File::open(backup).map_err(at(backup))?));
    let mut entries = archive.entries().map_err(broken)?;
    let mut next = |wanted: &str| -> Result<_, BackupError> {
        let Some(entry) = entries.next() else { return Err(damaged(format!("it is cut off before {wanted}"))) };
        let entry = entry.map_err(broken)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if name != wanted || entry.header().entry_type() != EntryType::Regular {
            return Err(damaged(format!("{name:?} stands where {wanted} should be")));
        }
        Ok(entry)
    };
    let mut json = Vec::new();
    next(MANIFEST)?.take(MOST_MANIFEST).read_to_end(&mut json).map_err(broken)?;
    let manifest: Manifest =
        serde_json::from_slice(&json).map_err(|error| damaged(format!("{MANIFEST} cannot be read: {error}")))?;
    if manifest.format > FORMAT {
        return Err(damaged(format!("its form is {}, and this version reads {FORMAT}", manifest.format)));
    }
    for member in &manifest.members {
        let Member { name, size, sha256 } = member;
        // Names of ours only: nothing is ever written beside the folder.
        if !["barycenter.db", "private_key.pem", "jwks.json"].contains(&name.as_str()) {
            return Err(damaged(format!("{name:?} does not belong into a backup")));
        }
        let path = folder.join(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(at(&path))?;
        let mut digesting = Digesting::new(next(name)?);
        let mut writer = BufWriter::new(&file);
        copy(&mut digesting, &mut writer).map_err(|error| match error {
            Copying::Reading(error) => broken(error),
            Copying::Writing(error) => at(&path)(error),
        })?;
        drop(writer);
        file.sync_all().map_err(at(&path))?;
        if digesting.length != *size {
            return Err(damaged(format!("{name} has {} bytes, and should have {size}", digesting.length)));
        }
        if hexadecimal(digesting.context) != *sha256 {
            return Err(damaged(format!("{name} is not what it was: its digest differs")));
        }
    }
    let mut seal = String::new();
    next(SEAL)?.take(MOST_MANIFEST).read_to_string(&mut seal).map_err(broken)?;
    if seal != digest_of(&json) {
        return Err(damaged(format!("{MANIFEST} is not what it was: its digest differs")));
    }
    match entries.next() {
        None => Ok(manifest),
        Some(_) => Err(damaged("something stands behind its end".to_owned())),
    }
}

/// Which side of a copy failed: a backup that is damaged is not a disk that is full.
enum Copying {
    Reading(io::Error),
    Writing(io::Error),
}

fn copy(from: &mut impl Read, to: &mut impl Write) -> Result<(), Copying> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = from.read(&mut buffer).map_err(Copying::Reading)?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        to.write_all(bytes).map_err(Copying::Writing)?;
    }
    to.flush().map_err(Copying::Writing)
}
