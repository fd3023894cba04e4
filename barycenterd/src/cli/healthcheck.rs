//! `healthcheck`: asks the daemon on this machine whether it is ready, so that an image needs no shell and no curl.
//!
//! The admin listener is asked, on the address that the configuration gives it: the same answers as on the public one,
//! and never TLS. Exits 0 or 1 and nothing else: a container runtime knows no other.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::time::{Duration, Instant};

use barycenter_core::config::Config;

use crate::cli::Environment;
use crate::cli::arguments::HealthcheckArguments;
use crate::cli::configuration;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::print;

/// The longest answer that is read: `?verbose` is a few lines.
const MOST_BYTES: u64 = 4096;

/// Runs the command.
pub(super) fn run(
    arguments: &HealthcheckArguments,
    file: Option<&Path>,
    environment: &Environment,
) -> Result<(), Failure> {
    let loaded = configuration::read(file, environment).map_err(|failure| failure.ending(Exit::Failed))?;
    let path = if arguments.live { "/livez" } else { "/readyz" };
    let address = address_of(&loaded.config)?;
    let failed = |why: String| Failure::new(Exit::Failed, format!("http://{address}{path}: {why}"));
    let (status, body) =
        ask(address, path, arguments.timeout.as_duration()).map_err(|error| failed(in_words(&error)))?;
    let said = body.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    if status == 200 { print(&format!("{said}\n")) } else { Err(failed(format!("{status}, {said}"))) }
}

/// Returns where the admin listener can be reached from this machine.
fn address_of(config: &Config) -> Result<SocketAddr, Failure> {
    let (host, port) = config.admin_address();
    if port == 0 {
        return Err(Failure::new(Exit::Failed, "server.admin_port is 0: only the daemon knows which port it took")
            .hint("give the admin listener a port: server.admin_port = 8081"));
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let unknown = |why: String| Failure::new(Exit::Failed, format!("server.admin_host {host}: {why}"));
    let mut found = (bare, port).to_socket_addrs().map_err(|error| unknown(in_words(&error)))?;
    let address = found.next().ok_or_else(|| unknown("has no address".to_owned()))?;
    // Who listens everywhere also listens here.
    Ok(match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
        _ => address,
    })
}

/// Sends one request and reads the whole answer before the deadline: its status and its body.
fn ask(address: SocketAddr, path: &str, timeout: Duration) -> io::Result<(u16, String)> {
    let deadline = Instant::now() + timeout;
    let left = || match deadline.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(io::Error::from(io::ErrorKind::TimedOut)),
        left => Ok(left),
    };
    let mut stream = TcpStream::connect_timeout(&address, left()?)?;
    stream.set_write_timeout(Some(left()?))?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    let mut buffer = [0; 1024];
    while (answer.len() as u64) < MOST_BYTES {
        stream.set_read_timeout(Some(left()?))?;
        let count = stream.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        answer.extend_from_slice(bytes);
    }
    let text = String::from_utf8_lossy(&answer);
    let odd = || io::Error::other("answers something that is not HTTP");
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(odd)?;
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok()).ok_or_else(odd)?;
    Ok((status, body.to_owned()))
}

/// `Connection refused (os error 111)` → `connection refused`.
fn in_words(error: &io::Error) -> String {
    if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) {
        return "no answer in time".to_owned();
    }
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn config(host: &str, port: u16) -> Config {
        let mut config = Config::default();
        config.server.host = host.parse().unwrap();
        config.server.admin_port = Some(port);
        config
    }

    #[test]
    fn whoever_listens_everywhere_is_asked_here() {
        assert_eq!(address_of(&config("0.0.0.0", 8081)).unwrap().to_string(), "127.0.0.1:8081");
        assert_eq!(address_of(&config("::", 8081)).unwrap().to_string(), "[::1]:8081");
        assert_eq!(address_of(&config("127.0.0.2", 8081)).unwrap().to_string(), "127.0.0.2:8081");
        assert!(address_of(&config("0.0.0.0", 0)).is_err());
    }

    #[test]
    fn an_answer_is_read_and_silence_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let count = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 9\r\n\r\nnot ready").unwrap();
            drop(stream);
            // The second one is let in and never answered.
            let silent = listener.accept().unwrap();
            (String::from_utf8_lossy(&request[..count]).into_owned(), silent)
        });
        assert_eq!(ask(address, "/readyz", Duration::from_secs(5)).unwrap(), (503, "not ready".to_owned()));
        let error = ask(address, "/readyz", Duration::from_millis(100)).unwrap_err();
        assert_eq!(in_words(&error), "no answer in time");
        assert!(served.join().unwrap().0.starts_with("GET /readyz HTTP/1.1\r\n"));
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(in_words(&ask(closed, "/livez", Duration::from_secs(1)).unwrap_err()), "connection refused");
    }
}
