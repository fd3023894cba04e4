//! A connection that breaks: a TCP proxy in front of a server, which lets so many bytes through and no more.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// PostgreSQL's Sync by itself: how a pool tries a connection that it got back, while nobody waits.
const SYNC: &[u8] = b"S\0\0\0\x04";

/// How many bytes pass before everything breaks.
#[derive(Debug, Clone, Copy)]
pub enum Breaks {
    /// Never.
    Never,
    /// Each connection by itself, after so many.
    Each(u64),
    /// All connections, present and future, after so many together.
    All(u64),
}

/// A running proxy; it ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    passed: Arc<AtomicU64>,
    round_trips: Arc<AtomicU64>,
    is_cut: watch::Sender<bool>,
    task: AbortHandle,
}

impl Proxy {
    /// Starts a proxy in front of a port of this machine.
    pub async fn start(port: u16, breaks: Breaks) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let passed = Arc::new(AtomicU64::new(0));
        let all = Arc::clone(&passed);
        let round_trips = Arc::new(AtomicU64::new(0));
        let turns = Arc::clone(&round_trips);
        let is_cut = watch::Sender::new(false);
        let cut = is_cut.subscribe();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (all, round_trips) = (Arc::clone(&all), Arc::clone(&turns));
                let gauge = Gauge { all, round_trips, own: Arc::default(), answered: Arc::default(), breaks };
                let mut cut = cut.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        _ = cut.wait_for(|cut| *cut) => {}
                        () = serve(client, port, gauge) => {}
                    }
                });
            }
        });
        Self { address, passed, round_trips, is_cut, task: task.abort_handle() }
    }

    /// From now on every connection, open or new, ends at once.
    pub fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    /// From now on new connections pass again.
    pub fn mend(&self) {
        self.is_cut.send_replace(false);
    }

    /// Returns its address, as a server's.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns how often a client has asked after the server had answered, on any connection.
    pub fn round_trips(&self) -> u64 {
        self.round_trips.load(Ordering::Relaxed)
    }

    /// Returns how many bytes have passed, both ways together.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Counts what passes through one connection, and through all.
#[derive(Clone)]
struct Gauge {
    all: Arc<AtomicU64>,
    round_trips: Arc<AtomicU64>,
    own: Arc<AtomicU64>,
    /// Whether the server was the last to speak.
    answered: Arc<AtomicBool>,
    breaks: Breaks,
}

impl Gauge {
    /// Notes who speaks.
    fn speaks(&self, speaker: Speaker, said: &[u8]) {
        match speaker {
            Speaker::Server => self.answered.store(true, Ordering::Relaxed),
            Speaker::Client if said != SYNC && self.answered.swap(false, Ordering::Relaxed) => {
                self.round_trips.fetch_add(1, Ordering::Relaxed);
            }
            Speaker::Client => {}
        }
    }

    /// Takes so many bytes and returns how many of them may pass.
    fn pass(&self, bytes: u64) -> u64 {
        let own = self.own.fetch_add(bytes, Ordering::Relaxed);
        let all = self.all.fetch_add(bytes, Ordering::Relaxed);
        match self.breaks {
            Breaks::Never => bytes,
            Breaks::Each(limit) => limit.saturating_sub(own).min(bytes),
            Breaks::All(limit) => limit.saturating_sub(all).min(bytes),
        }
    }
}

async fn serve(client: TcpStream, port: u16, gauge: Gauge) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Whichever direction breaks, or ends, ends both.
    tokio::select! {
        () = copy(from_client, to_server, Speaker::Client, gauge.clone()) => {}
        () = copy(from_server, to_client, Speaker::Server, gauge) => {}
    }
}

/// Who speaks.
#[derive(Clone, Copy)]
enum Speaker {
    Client,
    Server,
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, speaker: Speaker, gauge: Gauge) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        gauge.speaks(speaker, buffer.get(..count).expect("what was read"));
        let passes = gauge.pass(count as u64);
        let may_pass = usize::try_from(passes).ok().and_then(|passes| buffer.get(..passes));
        if to.write_all(may_pass.expect("no more than was read")).await.is_err() || passes < count as u64 {
            return;
        }
    }
}
