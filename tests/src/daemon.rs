//! A running `barycenterd`: it has said `ready`, its log is kept, and it is gone when the test is.

use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

/// The longest that a start or a stop may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A daemon that is ready; dropping it kills it.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: Log,
}

impl Daemon {
    /// Starts the command and waits for its `ready` line.
    pub async fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => panic!("cannot start barycenterd: {error}"),
        };
        let log = Log::new();
        log.follow(child.stdout.take().expect("stdout is piped"));
        log.follow(child.stderr.take().expect("stderr is piped"));
        let mut ready = log.ready.subscribe();
        tokio::select! {
            _ = ready.wait_for(|ready| *ready) => {}
            status = child.wait() => panic!("barycenterd ended before it was ready ({status:?}); its log:\n{}", log.text()),
            () = tokio::time::sleep(PATIENCE) => panic!("barycenterd was not ready within {PATIENCE:?}; its log:\n{}", log.text()),
        }
        Self { child, log }
    }

    /// Returns its process id.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Returns everything that it logged so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Returns the address that the `ready` line names as `listener` (`public` or `admin`).
    pub fn address(&self, listener: &str) -> String {
        let log = self.log();
        let line = log.lines().find(|line| is_ready(line)).unwrap_or_default();
        let after = line
            .split_once(&format!("{listener}="))
            .or_else(|| line.split_once(&format!("\"{listener}\":")))
            .map(|(_, after)| after.trim_start_matches('"'))
            .unwrap_or_default();
        after.split([' ', '"', ',']).next().unwrap_or_default().to_owned()
    }

    /// Returns the base of the public addresses on this machine, whatever address it is bound to.
    pub fn base(&self) -> String {
        let address = self.address("public");
        format!("http://127.0.0.1:{}", address.rsplit(':').next().unwrap_or_default())
    }

    /// Sends SIGTERM, waits for the end and returns the exit code.
    pub async fn stop(mut self) -> i32 {
        let id = self.child.id().expect("it is still running").to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(status.is_ok_and(|status| status.success()), "cannot send SIGTERM to barycenterd");
        match tokio::time::timeout(PATIENCE, self.child.wait()).await {
            Ok(Ok(status)) => status.code().unwrap_or(-1),
            Ok(Err(error)) => panic!("cannot wait for barycenterd: {error}"),
            Err(_) => panic!("barycenterd did not stop within {PATIENCE:?}; its log:\n{}", self.log()),
        }
    }
}

/// The lines of both streams, in the order in which they came.
#[derive(Debug, Clone)]
struct Log {
    lines: Arc<Mutex<String>>,
    ready: watch::Sender<bool>,
}

impl Log {
    fn new() -> Self {
        Self { lines: Arc::default(), ready: watch::Sender::new(false) }
    }

    fn text(&self) -> String {
        self.lines.lock().expect("no writer panics").clone()
    }

    fn follow(&self, stream: impl AsyncRead + Unpin + Send + 'static) {
        let log = self.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let ready = is_ready(&line);
                {
                    let mut text = log.lines.lock().expect("no writer panics");
                    text.push_str(&line);
                    text.push('\n');
                }
                if ready {
                    log.ready.send_replace(true);
                }
            }
        });
    }
}

/// Whether this is the line that names the bound addresses, as text or as JSON.
fn is_ready(line: &str) -> bool {
    line.contains("ready")
        && ((line.contains(" public=") && line.contains(" admin="))
            || (line.contains("\"public\":") && line.contains("\"admin\":")))
}
