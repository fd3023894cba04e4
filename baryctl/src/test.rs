//! What the tests of this crate share: a console in memory, and a server that gives prepared answers.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::cli::{ColorChoice, Format, ProgressMode, Redaction};
use crate::render::Printer;
use crate::settings::Settings;
use crate::{Exit, Io, Terminals};

/// Standard streams in memory.
#[derive(Debug, Default)]
pub(crate) struct Console {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Console {
    pub(crate) fn printer(&mut self) -> Printer<'_> {
        Printer::new(&mut self.stdout, &mut self.stderr, Terminals::default())
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.stderr.clone()).unwrap()
    }
}

pub(crate) fn settings(output: Format) -> Settings {
    Settings {
        output,
        color: ColorChoice::Never,
        fields: Vec::new(),
        redact: Redaction::default(),
        progress: ProgressMode::default(),
        json_log: false,
        quiet: false,
        verbose: 0,
        log: None,
        yes: false,
        no_input: true,
    }
}

/// Runs `baryctl` with these arguments, variables and standard input; returns its exit code and what it said.
pub(crate) fn baryctl_reading(stdin: &str, arguments: &[&str], variables: &[(&str, &str)]) -> (Exit, Console) {
    let arguments: Vec<OsString> =
        std::iter::once("baryctl").chain(arguments.iter().copied()).map(OsString::from).collect();
    let mut console = Console::default();
    let exit = crate::run(
        &arguments,
        Io {
            stdin: &mut stdin.as_bytes(),
            stdout: &mut console.stdout,
            stderr: &mut console.stderr,
            terminals: Terminals::default(),
            environment: variables.iter().copied().collect(),
        },
    );
    (exit, console)
}

/// The same with nothing to read.
pub(crate) fn baryctl(arguments: &[&str], variables: &[(&str, &str)]) -> (Exit, Console) {
    baryctl_reading("", arguments, variables)
}

/// A request that a [`Server`] has received.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Received {
    /// The operation; none if it is a probe.
    pub(crate) fn operation(&self) -> &str {
        self.body["operationName"].as_str().unwrap_or_default()
    }
}

/// A server on a free port that answers each operation as the test says.
pub(crate) struct Server {
    pub(crate) address: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Answers an operation with `data(operation, variables)`.
    pub(crate) fn graphql(data: impl Fn(&str, &Value) -> Value + Send + 'static) -> Self {
        Self::start(move |request| {
            let data = match request.operation() {
                "" => return (200, "content-type: text/plain", "ok".to_owned()),
                "GetServer" => json!({ "serverInfo": { "version": "0.1.0" } }),
                operation => data(operation, &request.body["variables"]),
            };
            (200, "content-type: application/json", json!({ "data": data }).to_string())
        })
    }

    /// Answers with a status, a header and a body.
    pub(crate) fn start(answer: impl Fn(&Received) -> (u16, &'static str, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let kept = Arc::clone(&received);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(request) = receive(&stream) else { continue };
                let (status, header, body) = answer(&request);
                kept.lock().unwrap().push(request);
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\n{header}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                );
            }
        });
        Self { address, received }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Runs `baryctl` against this server.
    pub(crate) fn baryctl(&self, arguments: &[&str]) -> (Exit, Console) {
        baryctl(arguments, &[("BARYCTL_SERVER", &self.address), ("BARYCTL_TOKEN", "bat_canary")])
    }
}

fn receive(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received { head, body: serde_json::from_slice(&body).unwrap_or_default() })
}
