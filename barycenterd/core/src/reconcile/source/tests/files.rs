//! Files, folders, pipes; several files together; files that change while they are read.

use std::fs;
use std::io::{self, Read, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::super::walk::{Piece, Walk};
use super::*;

fn open(paths: &[&Path]) -> Result<Source, UsersFileError> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| (*path).to_owned()).collect();
    Source::open(&paths, &Values::default(), &mut io::empty())
}

fn names(source: Source) -> Vec<String> {
    users(source).iter().map(|user| user.username.to_string()).collect()
}

fn message(result: Result<impl Sized, UsersFileError>) -> String {
    result.err().expect("an error").to_string()
}

/// Gives a text without end, and never holds it.
struct Endless {
    before: &'static [u8],
    filler: usize,
    after: &'static [u8],
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.before.is_empty() {
            return self.before.read(buffer);
        }
        if self.filler > 0 {
            let length = buffer.len().min(self.filler);
            buffer[..length].fill(b'x');
            self.filler -= length;
            return Ok(length);
        }
        self.after.read(buffer)
    }
}

#[test]
fn a_line_of_300_megabytes_costs_no_memory() {
    for (megabytes, before, after) in [
        (300, &b"{\"username\":\"a\"}\n{\"username\":\"b\",\"email\":\""[..], &b"\"}\n{\"username\":\"c\"}"[..]),
        (3, b"{\"username\":\"a\"}\n", b"\n{\"username\":\"c\"}"),
    ] {
        let mut walk = Walk::new(Endless { before, filler: megabytes * 1024 * 1024, after });
        let mut found = Vec::new();
        while let Some(piece) = walk.next() {
            assert!(walk.text.capacity() <= 2 * LONGEST_ENTRY, "{}", walk.text.capacity());
            found.push(match piece {
                Piece::Entry { index, .. } => format!("entry {index}"),
                Piece::Fault(fault) => fault.to_string(),
                Piece::List(_) => "list".to_owned(),
                Piece::Manager { .. } | Piece::Unreadable(_) => panic!("unexpected"),
            });
        }
        assert_eq!(found, ["list", "entry 0", "2:1 users[1]: the entry is longer than 1024 KiB", "entry 2"]);
    }
}

#[test]
fn a_folder_stands_for_the_users_files_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // As the kubelet mounts a Secret: the files are links into a folder that is swapped as a whole.
    fs::create_dir(path("..2026_11_23")).unwrap();
    for (name, text) in [
        ("b.json", "{\"users\":[{\"username\":\"b\"}]}"),
        ("a.NDJSON", "{\"username\":\"a\"}"),
        ("c.jsonl", "{\"username\":\"c\"}\n"),
        ("notes.txt", "nothing"),
        (".hidden.json", "nothing"),
    ] {
        fs::write(path("..2026_11_23").join(name), text).unwrap();
        symlink(Path::new("..data").join(name), path(name)).unwrap();
    }
    symlink("..2026_11_23", path("..data")).unwrap();
    fs::create_dir(path("folder.json")).unwrap();
    let source = open(&[folder.path()]).unwrap();
    assert_eq!(source.name(), "3 files");
    assert_eq!(source.file_names()[0], path("a.NDJSON").display().to_string());
    assert_eq!(names(source), ["a", "b", "c"]);
    assert_eq!(names(open(&[&path("b.json")]).unwrap()), ["b"]);
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let shown = folder.path().display().to_string();
    assert_eq!(message(open(&[folder.path()])), format!("{shown}: holds no .json, .ndjson or .jsonl file"));
    let missing = message(open(&[&folder.path().join("x.json")]));
    assert!(missing.contains("x.json: cannot be read: No such file"), "{missing}");
    assert_eq!(message(open(&[Path::new("/dev/null")])), "/dev/null: is neither a file nor a pipe");
}

#[test]
fn standard_input_is_read_as_often_as_needed() {
    let mut input = &b"{\"users\":[{\"username\":\"a\"},{\"username\":\"b\"}]}"[..];
    let mut source = Source::open(&[PathBuf::from("-")], &Values::default(), &mut input).unwrap();
    assert_eq!(source.name(), "stdin");
    source.check().unwrap();
    for _ in 0..3 {
        assert_eq!(source.entries(Kind::User).unwrap().count(), 2);
    }
}

#[test]
fn what_several_files_share_is_refused_with_both_places() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(
        path("1.json"),
        "{\"users\":[\n{\"username\":\"admin\",\"email\":\"a@example.com\",\"external_id\":\"x\"}]}",
    )
    .unwrap();
    let second = "{\"users\":[{\"username\":\"Admin\"},\n{\"username\":\"bob\",\"email\":\"A@example.com\"},\n{\"username\":\"carol\",\"external_id\":\"x\"}]}";
    fs::write(path("2.json"), second).unwrap();
    let shown = faults_of(open(&[folder.path()]).unwrap()).replace(&folder.path().display().to_string(), "…");
    insta::assert_snapshot!(shown, @r#"
    1:11 users[0] "Admin": duplicate username (first in …/1.json at 2:1)
    2:1 users[1] "bob": duplicate e-mail address a@example.com (first in …/1.json at 2:1)
    3:1 users[2] "carol": duplicate external_id x (first in …/1.json at 2:1)
    "#);
}

#[test]
fn two_copies_of_a_large_file_are_told_apart_in_no_time() {
    let folder = tempfile::tempdir().unwrap();
    let lines: String =
        (0..20_000).map(|n| format!("{{\"username\":\"u{n}\",\"email\":\"u{n}@example.com\"}}\n")).collect();
    for name in ["1.ndjson", "2.ndjson"] {
        fs::write(folder.path().join(name), &lines).unwrap();
    }
    let Err(UsersFileError::Faults { faults, total, file }) = open(&[folder.path()]).unwrap().check() else {
        panic!("faults")
    };
    assert_eq!((faults.len(), total), (MOST_FAULTS, 40_000));
    assert!(file.ends_with("2.ndjson"), "{file}");
}

#[test]
fn files_of_several_managers_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, manager) in [("1.json", "hr"), ("2.json", "ops")] {
        fs::write(folder.path().join(name), format!("{{\"manager\":\"{manager}\",\"users\":[]}}")).unwrap();
    }
    let shown = message(open(&[folder.path()]).unwrap().check());
    assert!(shown.contains("its manager is \"ops\"") && shown.contains("is \"hr\""), "{shown}");
}

/// Checks a file, lets somebody write to it, and reads it again.
fn after(first: &str, change: impl FnOnce(&Path)) -> Vec<Result<String, String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.json");
    fs::write(&path, first).unwrap();
    let mut source = open(&[&path]).unwrap();
    source.check().unwrap();
    change(&path);
    let entries = source.entries(Kind::User).unwrap();
    let shown = |entry: Result<Entry, UsersFileError>| match entry {
        Ok(entry) => Ok(entry.desired.name().to_owned()),
        Err(UsersFileError::Changed { file }) if file == path.display().to_string() => Err("changed".to_owned()),
        Err(other) => panic!("{other}"),
    };
    entries.map(shown).collect()
}

#[test]
fn what_is_added_to_a_file_after_the_check_is_not_read() {
    let append = |path: &Path| {
        let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(b"{\"username\":\"mallory\"}\n").unwrap();
    };
    assert_eq!(after("{\"username\":\"a\"}\n", append), [Ok("a".to_owned())]);
    assert_eq!(after("{\"users\":[{\"username\":\"a\"}]}", append), [Ok("a".to_owned())]);
}

#[test]
fn a_file_that_changes_after_the_check_is_noticed() {
    let two = "{\"username\":\"a\"}\n{\"username\":\"b\"}\n";
    let write = |text: &'static str| move |path: &Path| fs::write(path, text).unwrap();
    let changed = || Err("changed".to_owned());
    let ok = |name: &str| Ok(name.to_owned());
    assert_eq!(after(two, write("{\"username\":\"a\"}\n")), [ok("a"), changed()], "shorter, and sound");
    assert_eq!(after(two, write("{\"username\":\"c\"}\n{\"username\":\"c\"}\n")), [ok("c"), ok("c"), changed()]);
    assert_eq!(after(two, write("{\"username\":")), [changed()]);
    assert_eq!(after(two, write("")), [changed()]);
    assert_eq!(after(two, write("{\"username\":\"\" }\n{\"username\":\"b\"}")).first(), Some(&changed()));
    // A mounted Secret is replaced, never written to: what was opened stays as it was.
    let replace = |path: &Path| {
        let other = path.with_extension("new");
        fs::write(&other, "{\"username\":\"z\"}\n").unwrap();
        fs::rename(other, path).unwrap();
    };
    assert_eq!(after(two, replace), [ok("a"), ok("b")]);
}
