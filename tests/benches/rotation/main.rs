//! Ten rotations under load: three daemons on one PostgreSQL, people who sign in, clients that fetch tokens, and relying
//! parties that keep the JWKS exactly as long as its headers permit. One key is retired and one daemon is killed on the
//! way. Not one verification may fail, and not one request be refused: `make rotation`; exit code 1 if one is.
//!
//! What was on its way through the daemon that is killed dies with it; it is counted by itself, and signing in again
//! must succeed.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a benchmark that cannot go on says why and ends"
)]

mod load;
mod tally;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use barycenter_e2e::{Balancer, Client, Daemon, DatabaseKind, Deployment, Verifier};
use serde_json::Value;

use crate::load::{Load, verify};
use crate::tally::{Tally, say};

const ROTATIONS: usize = 10;
const REPLICAS: usize = 3;
/// Relying parties that verify.
const VERIFIERS: usize = 3;
/// The longest that anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(run())
}

/// Copies of the JWKS live for two seconds, ID Tokens for fifteen.
async fn installation() -> Deployment {
    let mut deployment = Deployment::new(DatabaseKind::Postgresql).await;
    for (name, value) in [
        ("KEYS__JWKS_MAX_AGE", "2"),
        ("KEYS__CLOCK_SKEW", "2"),
        ("OIDC__ID_TOKEN_LIFETIME", "15"),
        ("OIDC__ACCESS_TOKEN_LIFETIME", "15"),
        ("PASSWORDS__MEMORY_KIB", "1024"),
    ] {
        deployment.set(name, value);
    }
    deployment.sync_users(&deployment.users()).await.exited(0);
    deployment
}

fn address(daemon: &Daemon) -> SocketAddr {
    let address: SocketAddr = daemon.address("public").parse().expect("an address");
    SocketAddr::from(([127, 0, 0, 1], address.port()))
}

/// The replicas behind their balancer.
struct Replicas {
    deployment: Arc<Deployment>,
    balancer: Balancer,
    daemons: Vec<Daemon>,
}

impl Replicas {
    async fn start(deployment: Arc<Deployment>) -> Self {
        let balancer = Balancer::start(deployment.port()).await;
        let mut daemons = Vec::new();
        for _ in 0..REPLICAS {
            daemons.push(deployment.start_replica().await);
        }
        let replicas = Self { deployment, balancer, daemons };
        replicas.balance();
        replicas
    }

    fn balance(&self) {
        self.balancer.balance(self.daemons.iter().map(address).collect());
    }

    /// Kills a daemon and starts another in its place.
    async fn kill_one(&mut self) {
        drop(self.daemons.remove(0));
        tokio::time::sleep(Duration::from_secs(2)).await;
        self.daemons.push(self.deployment.start_replica().await);
        self.balance();
    }

    /// Runs `baryctl` on a replica, or on the database.
    async fn baryctl(&self, turn: usize, arguments: &[&str]) -> barycenter_e2e::Finished {
        if turn.is_multiple_of(2) {
            return self.deployment.direct(arguments).await;
        }
        let port = self.daemons[turn % REPLICAS].address("admin");
        let server = format!("http://127.0.0.1:{}", port.rsplit(':').next().expect("a port"));
        let token = self.deployment.path("data/admin.token");
        let mut all = vec!["--server", server.as_str(), "--token-file", token.to_str().expect("UTF-8")];
        all.extend(arguments);
        self.deployment.baryctl(&all).await
    }

    async fn in_state(&self, state: &str) -> Vec<String> {
        let list = self.deployment.direct(&["keys", "list", "-o", "json"]).await.exited(0).json();
        let keys = list["items"].as_array().expect("keys");
        let kid = |key: &Value| key["kid"].as_str().expect("a kid").to_owned();
        keys.iter().filter(|key| key["state"] == state).map(kid).collect()
    }

    /// Rotates and waits until the new key signs.
    async fn rotate(&mut self, turn: usize) {
        let began = Instant::now();
        let rotated = self.baryctl(turn, &["keys", "rotate", "--yes", "-o", "name"]).await.exited(0);
        let next = rotated.stdout.trim().to_owned();
        if turn == ROTATIONS / 2 {
            // As close to the step as can be.
            tokio::time::sleep(Duration::from_secs(7)).await;
            self.kill_one().await;
        }
        while self.in_state("active").await != [next.as_str()] {
            assert!(began.elapsed() < PATIENCE, "key {next} does not sign");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let door = if turn.is_multiple_of(2) { "direct" } else { "online" };
        say(format_args!("rotation {:>2} {door}: key {next} signs after {:.1?}", turn + 1, began.elapsed()));
    }

    /// Retires a key as soon as no token needs it; returns how often it was needed.
    async fn retire(&self, kid: &str) {
        let (began, mut refusals) = (Instant::now(), 0);
        loop {
            let finished = self.baryctl(1, &["keys", "retire", kid, "--yes"]).await;
            match finished.code {
                0 => break,
                7 => refusals += 1,
                _ => panic!("{finished}"),
            }
            assert!(began.elapsed() < PATIENCE, "key {kid} cannot be retired");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        say(format_args!(
            "retirement: key {kid} is gone after {:.1?}, refused {refusals} times before",
            began.elapsed()
        ));
    }
}

async fn run() -> ExitCode {
    let deployment = Arc::new(installation().await);
    let client = Client::register(&deployment, "bench").await;
    let mut replicas = Replicas::start(Arc::clone(&deployment)).await;
    let tally = Arc::new(Tally::default());
    let mut verifiers = Vec::new();
    for _ in 0..VERIFIERS {
        verifiers.push(verify(Verifier::start(&deployment, &client).await, Arc::clone(&tally)));
    }
    let load = Load::start(&client, verifiers, &tally);
    let began = Instant::now();
    let mut first = None;
    for turn in 0..ROTATIONS {
        if turn == ROTATIONS / 2 {
            tally.killing(true);
        }
        replicas.rotate(turn).await;
        tally.killing(false);
        if turn == 6 {
            first = replicas.in_state("retiring").await.pop();
        }
        if let Some(kid) = first.take() {
            replicas.retire(&kid).await;
        }
    }
    // The last tokens of the last key before.
    tokio::time::sleep(Duration::from_secs(20)).await;
    load.stop().await;
    tally.report(began.elapsed())
}
