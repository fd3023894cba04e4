//! One installation in a temporary folder, laid out as in the guide: `app/` (configuration, where the programs are
//! started), `data/` (keys and a SQLite database) and `secrets/` (users.json).
//!
//! What a test changes is the configuration file or the environment, as an operator would.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;
use tokio::process::Command;

use crate::contract;
use crate::daemon::Daemon;
use crate::database::DatabaseKind;
use crate::program::{self, Finished};

/// The configuration of the deployment guide, byte for byte.
pub const GUIDE_CONFIG: &str = include_str!("../guide/config.toml");
/// The users of the deployment guide, byte for byte.
pub const GUIDE_USERS: &str = include_str!("../guide/users.json");

/// An installation and how to run its programs.
#[derive(Debug)]
pub struct Deployment {
    folder: TempDir,
    environment: Vec<(String, String)>,
    database_url: String,
    port: u16,
}

impl Deployment {
    /// Makes an installation with the guide's `config.toml` and `users.json`; addresses, paths and the database are
    /// set through the environment.
    pub async fn new(database: DatabaseKind) -> Self {
        let folder = TempDir::with_prefix("barycenter-test-").expect("a temporary folder");
        for name in ["app", "data", "secrets"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let port = free_ports();
        let data = folder.path().join("data");
        let database_url = database.create(&data).await;
        let mut deployment = Self { folder, environment: Vec::new(), database_url: database_url.clone(), port };
        let issuer = deployment.issuer();
        deployment.set("SERVER__PORT", &port.to_string());
        deployment.set("SERVER__ADMIN_PORT", &(port + 1).to_string());
        deployment.set("SERVER__PUBLIC_BASE_URL", &issuer);
        deployment.set("DATABASE__URL", &database_url);
        deployment.set("KEYS__JWKS_PATH", &data.join("jwks.json").to_string_lossy());
        deployment.set("KEYS__PRIVATE_KEY_PATH", &data.join("private_key.pem").to_string_lossy());
        deployment.write("app/config.toml", GUIDE_CONFIG);
        deployment.write("secrets/users.json", GUIDE_USERS);
        deployment
    }

    /// Sets `BARYCENTER__{name}` for the programs of this installation.
    pub fn set(&mut self, name: &str, value: &str) {
        self.set_variable(&format!("BARYCENTER__{name}"), value);
    }

    /// Sets any variable for the programs of this installation.
    pub fn set_variable(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Returns the path of a file of this installation.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of this installation and returns its path as text, for command lines.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).expect("the test writes its files");
        path.to_string_lossy().into_owned()
    }

    /// Returns the path of the users file.
    pub fn users(&self) -> String {
        self.path("secrets/users.json").to_string_lossy().into_owned()
    }

    /// Returns the URL of the database.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// Returns the public port; the admin port is the next one, and two more are free for a relying party.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the issuer, which is also the base of every public address.
    pub fn issuer(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Returns the base of the admin API's addresses.
    pub fn admin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port + 1)
    }

    /// Returns an address for a relying party on this machine, on a port that nobody uses.
    pub fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}/callback", self.port + 2)
    }

    /// Returns a command in `app/` with this installation's environment.
    pub fn command(&self, program: impl AsRef<Path>, arguments: &[&str]) -> Command {
        let mut command = program::command(program.as_ref(), &self.path("app"));
        command.args(arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs `barycenterd` with these arguments to its end.
    pub async fn barycenterd(&self, arguments: &[&str]) -> Finished {
        program::run(self.command(program::find("barycenterd"), arguments), None).await
    }

    /// Runs the guide's `barycenter sync-users --file …`, through a link as the image has one.
    pub async fn sync_users(&self, file: &str) -> Finished {
        let link = self.path("barycenter");
        if !link.exists() {
            std::os::unix::fs::symlink(program::find("barycenterd"), &link).expect("a link");
        }
        program::run(self.command(link, &["sync-users", "--file", file]), None).await
    }

    /// Runs `baryctl` with these arguments, and nothing said about where it acts.
    pub async fn baryctl(&self, arguments: &[&str]) -> Finished {
        let finished = program::run(self.command(program::find("baryctl"), arguments), None).await;
        contract::check(arguments, &finished);
        finished
    }

    /// Runs `baryctl --direct` on this installation's configuration.
    pub async fn direct(&self, arguments: &[&str]) -> Finished {
        let config = self.path("app/config.toml");
        let mut all = vec!["--direct", "--config", config.to_str().expect("UTF-8")];
        all.extend(arguments);
        self.baryctl(&all).await
    }

    /// Runs `baryctl` against the admin API with the token that the daemon generated.
    pub async fn online(&self, arguments: &[&str]) -> Finished {
        let admin = self.admin();
        let token = self.path("data/admin.token");
        let mut all = vec!["--server", admin.as_str(), "--token-file", token.to_str().expect("UTF-8")];
        all.extend(arguments);
        self.baryctl(&all).await
    }

    /// Starts the daemon and waits until it is ready.
    pub async fn start(&self) -> Daemon {
        Daemon::start(self.command(program::find("barycenterd"), &[])).await
    }

    /// Starts another daemon of the same installation: the same configuration on ports of its own, which its `ready`
    /// line names.
    pub async fn start_replica(&self) -> Daemon {
        let mut command = self.command(program::find("barycenterd"), &[]);
        command.env("BARYCENTER__SERVER__PORT", "0").env("BARYCENTER__SERVER__ADMIN_PORT", "0");
        Daemon::start(command).await
    }

    /// Syncs the users file and starts the daemon, as the guide's pod does.
    pub async fn sync_and_start(&self) -> Daemon {
        self.sync_users(&self.users()).await.exited(0);
        self.start().await
    }
}

/// Finds four free ports in a row and returns the first.
///
/// They lie below the ephemeral ports, so that no outgoing connection takes one before the daemon does. Tests need
/// them beforehand: the issuer is an address.
fn free_ports() -> u16 {
    const FIRST: u16 = 20_000;
    const BLOCKS: u16 = 2_500;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % u32::from(BLOCKS)).expect("below the number of blocks");
    for _ in 0..BLOCKS {
        // A step that shares no factor with the number of blocks visits every block.
        let block = NEXT.fetch_add(37, Ordering::Relaxed).wrapping_add(start) % BLOCKS;
        let first = FIRST + 4 * block;
        if (first..first + 4).all(|port| std::net::TcpListener::bind(("0.0.0.0", port)).is_ok()) {
            return first;
        }
    }
    panic!("no four free ports in a row from {FIRST}");
}
