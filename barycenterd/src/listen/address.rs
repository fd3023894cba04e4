//! An address to listen on: reserved first, listened on when there is something to say.
//!
//! Between the two, connections are refused rather than kept waiting.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use thiserror::Error;
use tokio::net::{TcpListener, TcpSocket, lookup_host};

/// How many connections may wait to be taken.
const BACKLOG: u32 = 1024;

/// Why an address cannot be used.
#[derive(Debug, Error)]
pub enum AddressError {
    /// The host name means nothing here.
    #[error("cannot listen on {host}:{port} ({keys}): the host name is not known: {reason}")]
    Unknown {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// The settings that name them.
        keys: &'static str,
        /// Why not.
        reason: String,
    },
    /// The system does not give us the address.
    #[error("cannot listen on {address} ({keys}): {reason}")]
    Refused {
        /// The address.
        address: String,
        /// The settings that name it.
        keys: &'static str,
        /// Why not, and the way out.
        reason: String,
    },
}

/// An address that is ours, on which nobody is answered yet.
#[derive(Debug)]
pub(super) struct Address {
    socket: TcpSocket,
    name: String,
    keys: &'static str,
}

impl Address {
    /// Takes the first address of `host` that is to be had; `keys` names the settings, for messages.
    pub(super) async fn reserve((host, port): (&str, u16), keys: &'static str) -> Result<Self, AddressError> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let name = if bare.contains(':') { format!("[{bare}]:{port}") } else { format!("{bare}:{port}") };
        let unknown = |reason: String| AddressError::Unknown { host: bare.to_owned(), port, keys, reason };
        let mut failure = unknown("it has no address".to_owned());
        for address in lookup_host((bare, port)).await.map_err(|error| unknown(in_words(&error)))? {
            match bind(address) {
                Ok(socket) => return Ok(Self { socket, name, keys }),
                Err(error) => failure = refused(&name, keys, &error),
            }
        }
        Err(failure)
    }

    /// Begins to take connections.
    pub(super) fn listen(self) -> Result<TcpListener, AddressError> {
        self.socket.listen(BACKLOG).map_err(|error| refused(&self.name, self.keys, &error))
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A daemon that is started again at once takes its port back; one that somebody listens on is never taken.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn refused(address: &str, keys: &'static str, error: &io::Error) -> AddressError {
    let way_out = match error.kind() {
        ErrorKind::AddrInUse => "; is another barycenterd running? choose another port, or 0 for a free one",
        ErrorKind::AddrNotAvailable => "; this machine does not have that address",
        ErrorKind::PermissionDenied => "; ports below 1024 are for privileged processes: choose a higher one",
        _ => "",
    };
    AddressError::Refused { address: address.to_owned(), keys, reason: format!("{}{way_out}", in_words(error)) }
}

/// `Address already in use (os error 98)` → `address already in use`.
fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_named_with_its_setting() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = Address::reserve(("127.0.0.1", port), "server.port").await.unwrap_err().to_string();
        assert!(error.contains(&format!("127.0.0.1:{port} (server.port): address already in use")), "{error}");
    }

    #[tokio::test]
    async fn names_and_both_families_are_hosts() {
        for host in ["localhost", "127.0.0.1", "::1", "[::1]"] {
            let address = Address::reserve((host, 0), "server.port").await.unwrap();
            assert_ne!(address.listen().unwrap().local_addr().unwrap().port(), 0, "{host}");
        }
        let error = Address::reserve(("no.such.host.invalid", 0), "server.host").await.unwrap_err();
        assert!(matches!(error, AddressError::Unknown { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_reserved_address_refuses_until_it_listens() {
        let address = Address::reserve(("127.0.0.1", 0), "server.port").await.unwrap();
        let socket = address.socket.local_addr().unwrap();
        assert!(tokio::net::TcpStream::connect(socket).await.is_err());
        let _listener = address.listen().unwrap();
        assert!(tokio::net::TcpStream::connect(socket).await.is_ok());
    }
}
