//! Finds a program of the workspace, runs it to its end and keeps what it said.
//!
//! A program sees only the environment that a test gives it: a developer's own `BARYCENTER__…` never leaks in.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// The longest that a program which is expected to end may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a program ended, and what it said.
#[derive(Debug)]
pub struct Finished {
    /// The command line, for messages.
    pub command: String,
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

impl Finished {
    /// Ends the test unless the program exited with `code`.
    #[track_caller]
    pub fn exited(self, code: i32) -> Self {
        assert!(self.code == code, "expected exit code {code}, got {}\n{self}", self.code);
        self
    }

    /// Ends the test unless stderr holds every one of `texts`.
    #[track_caller]
    pub fn complained(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "stderr lacks {text:?}\n{self}");
        }
        self
    }

    /// Ends the test unless stdout and stderr together hold every one of `texts`.
    #[track_caller]
    pub fn said(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stdout.contains(text) || self.stderr.contains(text), "the output lacks {text:?}\n{self}");
        }
        self
    }

    /// Returns stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("stdout is not JSON: {error}\n{self}"),
        }
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "$ {}\nexit code {}\n--- stdout\n{}\n--- stderr\n{}",
            self.command, self.code, self.stdout, self.stderr
        )
    }
}

/// Returns the path of a program that cargo built beside this test.
pub fn find(name: &str) -> PathBuf {
    // target/debug/deps/journeys-… lies one folder below target/debug/barycenterd.
    let test = std::env::current_exe().expect("the path of this test");
    let path = test.parent().and_then(Path::parent).expect("the folder of this profile").join(name);
    assert!(path.is_file(), "{} is not built; run `cargo build --workspace` first, or `make test`", path.display());
    path
}

/// Returns the top folder of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the repository").to_path_buf()
}

/// Returns a command with an empty environment but for the search path and a home of its own.
pub fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", environment("PATH").unwrap_or_default())
        .env("HOME", folder)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a command to its end, with `input` on its stdin.
pub async fn run(mut command: Command, input: Option<&str>) -> Finished {
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let standard = command.as_std();
    let line = std::iter::once(standard.get_program())
        .chain(standard.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ");
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => panic!("cannot start {line}: {error}"),
    };
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        stdin.write_all(input.as_bytes()).await.expect("the program reads its input");
    }
    match tokio::time::timeout(PATIENCE, child.wait_with_output()).await {
        Ok(Ok(output)) => Finished {
            command: line,
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        },
        Ok(Err(error)) => panic!("cannot wait for {line}: {error}"),
        Err(_) => panic!("{line} did not end within {} seconds", PATIENCE.as_secs()),
    }
}

/// Returns a variable of the environment that the tests were started in.
#[expect(clippy::disallowed_methods, reason = "the tests' edge: what tests/with-postgres.sh hands over")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
