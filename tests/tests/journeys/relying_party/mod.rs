//! Relying parties that others have written, each against the real daemon: what they refuse, we have got wrong.
//!
//! - [`apache`]: mod_auth_openidc in Apache's web server
//! - [`authlib`]: Authlib, in a web application's back end
//! - [`oidc_agent`]: oidc-agent, a program without a browser
//!
//! openid-client and jose are in `guide`, `front_channel` and `back_channel`.

mod apache;
mod authlib;
mod oidc_agent;

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, Command};

const USERNAME: &str = "admin";
const PASSWORD: &str = "CHANGE-ME-IN-PRODUCTION";

/// The longest that one step of a relying party may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that is spoken with by lines; it ends when it is dropped.
struct Conversation {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<Box<dyn AsyncRead + Unpin + Send>>>,
    said: String,
}

/// Which of its streams a program is listened to on.
enum Stream {
    Stdout,
    Stderr,
}

impl Conversation {
    /// Starts a program.
    fn start(mut command: Command, stream: &Stream) -> Self {
        command.stdin(Stdio::piped());
        match stream {
            Stream::Stdout => command.stderr(Stdio::inherit()),
            Stream::Stderr => command.stdout(Stdio::null()),
        };
        let mut child = command.spawn().expect("what tests/provision.sh, or `make test`, installs");
        let stdin = child.stdin.take().expect("stdin is piped");
        let listened: Box<dyn AsyncRead + Unpin + Send> = match stream {
            Stream::Stdout => Box::new(child.stdout.take().expect("stdout is piped")),
            Stream::Stderr => Box::new(child.stderr.take().expect("stderr is piped")),
        };
        Self { child, stdin, lines: BufReader::new(listened).lines(), said: String::new() }
    }

    /// Says a line of JSON.
    async fn say(&mut self, value: &Value) {
        self.stdin.write_all(format!("{value}\n").as_bytes()).await.expect("the program reads");
    }

    /// Returns the next line that holds `text`.
    async fn hear(&mut self, text: &str) -> String {
        loop {
            let heard = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
            let heard = heard.ok().and_then(Result::ok).flatten();
            assert!(heard.is_some(), "it ended, or said nothing more, without {text:?}; it said:\n{}", self.said);
            let line = heard.unwrap_or_default();
            self.said.push_str(&line);
            self.said.push('\n');
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Waits until it has ended, as it should.
    async fn succeeded(mut self) {
        let ended = tokio::time::timeout(PATIENCE, async {
            while let Ok(Some(line)) = self.lines.next_line().await {
                self.said.push_str(&line);
                self.said.push('\n');
            }
            self.child.wait().await
        });
        let ended = ended.await.expect("it ends").expect("it was started");
        assert!(ended.success(), "{ended}; it said:\n{}", self.said);
    }
}
