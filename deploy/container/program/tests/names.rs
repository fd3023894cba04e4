//! One file, two programs: each answers to its own name.

use std::os::unix::fs::symlink;
use std::process::Command;

#[test]
fn the_program_is_the_one_that_it_is_called_by() {
    let folder = tempfile::tempdir().unwrap();
    for (name, own) in [("barycenterd", "healthcheck"), ("barycenter", "sync-users"), ("baryctl", "diff")] {
        let path = folder.path().join(name);
        symlink(env!("CARGO_BIN_EXE_barycenter"), &path).unwrap();
        let output = Command::new(&path).args([own, "--help"]).output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && help.contains(&format!("{name} {own}")), "{name}: {help}");
    }
}
