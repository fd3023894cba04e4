//! A relying party that only verifies: `relying-party/verify.mjs` with jose, which keeps the JWKS exactly as long as its
//! headers permit.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::program;
use crate::{Client, Deployment};

/// A running verifier; it ends when it is dropped.
#[derive(Debug)]
pub struct Verifier {
    _child: Child,
    stdin: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

/// What it found.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Why it refuses the token, if it does.
    pub refusal: Option<String>,
    /// The key that the token names.
    pub kid: String,
    /// How often it has fetched the JWKS until now.
    pub fetches: u64,
}

impl Verifier {
    /// Starts a verifier of a client's ID Tokens.
    pub async fn start(deployment: &Deployment, client: &Client) -> Self {
        let script = program::repository().join("tests/relying-party/verify.mjs");
        assert!(
            script.with_file_name("node_modules").is_dir(),
            "tests/relying-party/node_modules is missing; run tests/provision.sh, or `make test`"
        );
        let mut command = deployment.command("node", &[script.to_str().expect("UTF-8")]);
        command.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::inherit());
        let mut child = command.spawn().expect("node starts");
        let stdin = child.stdin.take().expect("stdin is piped");
        let answers = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let mut verifier = Self { _child: child, stdin, answers };
        let jwks = format!("{}/.well-known/jwks.json", client.issuer);
        verifier.say(&json!({ "issuer": client.issuer, "audience": client.id, "jwksUri": jwks }).to_string()).await;
        verifier
    }

    async fn say(&mut self, line: &str) {
        self.stdin.write_all(format!("{line}\n").as_bytes()).await.expect("the verifier reads");
    }

    /// Verifies a token.
    pub async fn verify(&mut self, token: &str) -> Verdict {
        self.say(token).await;
        let line = self.answers.next_line().await.expect("the verifier answers").expect("the verifier runs");
        let answer: Value = serde_json::from_str(&line).expect("the verifier answers in JSON");
        Verdict {
            refusal: answer.get("reason").and_then(Value::as_str).map(str::to_owned),
            kid: answer.get("kid").and_then(Value::as_str).unwrap_or_default().to_owned(),
            fetches: answer.get("fetches").and_then(Value::as_u64).unwrap_or_default(),
        }
    }
}
