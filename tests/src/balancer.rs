//! A load balancer in front of replicas: each connection goes to the next one that takes it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// A running balancer; it ends when it is dropped.
#[derive(Debug)]
pub struct Balancer {
    servers: Arc<Mutex<Vec<SocketAddr>>>,
    task: AbortHandle,
}

impl Balancer {
    /// Starts a balancer on a port of this machine.
    pub async fn start(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        let servers: Arc<Mutex<Vec<SocketAddr>>> = Arc::default();
        let known = Arc::clone(&servers);
        let task = tokio::spawn(async move {
            let turn = Arc::new(AtomicUsize::new(0));
            while let Ok((client, _)) = listener.accept().await {
                let servers = known.lock().expect("nobody panics").clone();
                tokio::spawn(serve(client, servers, turn.fetch_add(1, Ordering::Relaxed)));
            }
        });
        Self { servers, task: task.abort_handle() }
    }

    /// Sends connections to these servers from now on.
    pub fn balance(&self, servers: Vec<SocketAddr>) {
        *self.servers.lock().expect("nobody panics") = servers;
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut client: TcpStream, servers: Vec<SocketAddr>, turn: usize) {
    let count = servers.len().max(1);
    for server in servers.iter().cycle().skip(turn % count).take(count) {
        if let Ok(mut server) = TcpStream::connect(server).await {
            let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            return;
        }
    }
}
