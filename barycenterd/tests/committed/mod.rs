//! Compares generated files with the committed ones; `BLESS=1` rewrites them.

use std::fs;
use std::path::Path;

/// Ends the test unless `folder/name` in the repository holds `bytes`.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "the tests' edge: whether to rewrite is said by whoever runs them")]
pub(crate) fn compare(folder: &str, name: &str, bytes: &[u8]) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository");
    let path = repository.join(folder).join(name);
    if std::env::var("BLESS").is_ok_and(|bless| bless == "1") {
        fs::create_dir_all(repository.join(folder)).expect("the folder can be made");
        fs::write(&path, bytes).expect("the file can be written");
        return;
    }
    let Ok(committed) = fs::read(&path) else {
        panic!("{folder}/{name} is missing; make it: BLESS=1 cargo test --workspace")
    };
    assert!(
        committed == bytes,
        "{folder}/{name} is not what the program makes; rewrite it: BLESS=1 cargo test --workspace"
    );
}
