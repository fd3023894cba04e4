//! The one HTTP client that goes out on behalf of clients: for their keys, their lists, and to tell them of a logout.
//!
//! The addresses come from outside, so nothing about them is believed (server-side request forgery). In this order:
//! the name is resolved, the class of every address is checked, and the connection goes to one of exactly these
//! addresses. No redirects, no proxies, no cookies; five seconds and one mebibyte for everything. Special-use
//! addresses (RFC 6890) are refused unless `outbound.allow` names them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use barycenter_core::config::{self, Network};
use poem::http::header::{ACCEPT, CONTENT_TYPE};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, RequestBuilder};
use thiserror::Error;
use url::{Host, Url};

/// How long everything may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest answer, in bytes.
const LONGEST: usize = 1 << 20;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The media type without its parameters, in lower case.
    pub media_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, Error)]
pub enum OutboundError {
    /// Neither http nor https, no host, or a user name.
    #[error("{0} is not an http or https address")]
    Address(String),
    /// An address that is not public and that nobody has allowed.
    #[error("{host} leads to {address}, which is not a public address; outbound.allow names those that may be reached")]
    Forbidden {
        /// The host of the address.
        host: String,
        /// Where it leads.
        address: IpAddr,
    },
    /// The body is too long.
    #[error("the answer is longer than {LONGEST} bytes")]
    TooLong,
    /// Nothing in time.
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    TimedOut,
    /// The certificate authorities cannot be read.
    #[error("{0}")]
    Trust(String),
    /// The connection failed, or its TLS.
    #[error("{0}")]
    Connection(#[source] reqwest::Error),
}

/// The client.
pub struct Outbound {
    guard: Arc<Guard>,
    extra_ca_file: Option<std::path::PathBuf>,
    /// Made at the first use: it needs certificate authorities, which a deployment without relying parties' addresses
    /// does without.
    client: OnceLock<Client>,
}

impl Outbound {
    /// Returns the client of a deployment.
    #[must_use]
    pub fn new(settings: &config::Outbound) -> Self {
        let guard = Arc::new(Guard { allow: settings.allow.clone() });
        Self { guard, extra_ca_file: settings.extra_ca_file.clone(), client: OnceLock::new() }
    }

    /// Fetches a document; `accept` names the media types that do.
    ///
    /// # Errors
    /// When the address must not be reached, or nothing comes back in time.
    pub async fn get(&self, url: &Url, accept: &str) -> Result<Answer, OutboundError> {
        self.run(url, |client| client.get(url.clone()).header(ACCEPT, accept)).await
    }

    /// Posts a form, already encoded.
    ///
    /// # Errors
    /// When the address must not be reached, or nothing comes back in time.
    pub async fn post_form(&self, url: &Url, form: String) -> Result<Answer, OutboundError> {
        let form_type = "application/x-www-form-urlencoded";
        self.run(url, |client| client.post(url.clone()).header(CONTENT_TYPE, form_type).body(form)).await
    }

    /// Returns whether an address could never be reached: what a name leads to is not known before it is resolved.
    #[must_use]
    pub fn refuses(&self, url: &Url) -> bool {
        let here =
            matches!(url.host(), Some(Host::Domain(name)) if name == "localhost" || name.ends_with(".localhost"));
        let inner = here && !self.guard.permits(IpAddr::V4(Ipv4Addr::LOCALHOST));
        inner || self.guard.check(url).is_err()
    }

    async fn run(&self, url: &Url, build: impl FnOnce(&Client) -> RequestBuilder) -> Result<Answer, OutboundError> {
        self.guard.check(url)?;
        let request = build(self.client()?);
        tokio::time::timeout(PATIENCE, receive(request)).await.map_err(|_| OutboundError::TimedOut)?
    }

    fn client(&self) -> Result<&Client, OutboundError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let mut builder = Client::builder()
            .dns_resolver(Arc::new(Resolver(Arc::clone(&self.guard))))
            .redirect(Policy::none())
            .no_proxy()
            .no_gzip()
            .referer(false)
            .pool_max_idle_per_host(0)
            .connect_timeout(PATIENCE)
            .timeout(PATIENCE)
            .user_agent(concat!("barycenterd/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = &self.extra_ca_file {
            let trust =
                |reason: String| OutboundError::Trust(format!("outbound.extra_ca_file {}: {reason}", path.display()));
            let pem = std::fs::read(path).map_err(|error| trust(error.to_string()))?;
            let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| trust(error.to_string()))?;
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder.build().map_err(OutboundError::Connection)?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// Sends a request and reads its answer up to the limit.
async fn receive(request: RequestBuilder) -> Result<Answer, OutboundError> {
    let mut response = request.send().await.map_err(refusal)?;
    let header = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(refusal)? {
        if body.len() + chunk.len() > LONGEST {
            return Err(OutboundError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, media_type, body })
}

/// Finds our own refusal among what the library reports.
fn refusal(error: reqwest::Error) -> OutboundError {
    if error.is_timeout() {
        return OutboundError::TimedOut;
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(one) = cause {
        if let Some(Refusal { host, address }) = one.downcast_ref::<Refusal>() {
            return OutboundError::Forbidden { host: host.clone(), address: *address };
        }
        let inner = one.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(Refusal { host, address }) = inner.and_then(|inner| inner.downcast_ref::<Refusal>()) {
            return OutboundError::Forbidden { host: host.clone(), address: *address };
        }
        cause = one.source();
    }
    OutboundError::Connection(error)
}

/// A name that leads where nobody may go.
#[derive(Debug, Error)]
#[error("{host} leads to {address}")]
struct Refusal {
    host: String,
    address: IpAddr,
}

/// Decides which addresses may be reached, and resolves names to these only.
struct Guard {
    allow: Vec<Network>,
}

impl Guard {
    fn permits(&self, address: IpAddr) -> bool {
        is_public(address) || self.allow.iter().any(|network| network.contains(address))
    }

    /// Checks what can be checked before a name is resolved. An address in place of a name never meets the resolver.
    fn check(&self, url: &Url) -> Result<(), OutboundError> {
        let credentials = !url.username().is_empty() || url.password().is_some();
        if !matches!(url.scheme(), "https" | "http") || credentials {
            return Err(OutboundError::Address(url.to_string()));
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(OutboundError::Address(url.to_string())),
        };
        if self.permits(address) {
            return Ok(());
        }
        Err(OutboundError::Forbidden { host: address.to_string(), address })
    }

    /// Refuses a name as soon as one of its addresses must not be reached: who controls a name must not have us try
    /// until the inner one is met.
    fn judge(&self, host: &str, addresses: &[SocketAddr]) -> Result<(), Refusal> {
        match addresses.iter().find(|address| !self.permits(address.ip())) {
            Some(inner) => Err(Refusal { host: host.to_owned(), address: inner.ip() }),
            None => Ok(()),
        }
    }
}

/// The same guard, as the library asks it.
struct Resolver(Arc<Guard>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            guard.judge(&host, &addresses)?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Returns whether an address is somebody's on the internet, and not of special use (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || first == 0
        || first >= 240
        // Shared address space, protocol assignments, 6to4 relays, benchmarking.
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 192 && second == 88 && third == 99)
        || (first == 198 && (second == 18 || second == 19));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only 2000::/3 is given to anybody; in it, what tunnels IPv4 or is kept for protocols, documentation and tests.
    let special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        || first == 0x2002
        || (first == 0x3fff && second < 0x1000);
    (first & 0xe000) == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use poem::listener::{Acceptor as _, Listener as _, TcpListener};
    use poem::{EndpointExt as _, Route, Server, get, handler, post};

    use super::*;

    #[test]
    fn special_use_addresses_are_not_public() {
        for inner in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(inner.parse().unwrap()), "{inner}");
        }
        for outer in ["8.8.8.8", "1.1.1.1", "172.15.0.1", "100.63.0.1", "2606:4700:4700::1111", "2a00:1450::1"] {
            assert!(is_public(outer.parse().unwrap()), "{outer}");
        }
    }

    fn outbound(allow: &[&str]) -> Outbound {
        let allow = allow.iter().map(|network| network.parse().unwrap()).collect();
        Outbound::new(&config::Outbound { allow, extra_ca_file: None })
    }

    #[handler]
    fn echo(body: String) -> String {
        body
    }

    #[handler]
    fn far_away() -> poem::Response {
        poem::Response::builder().status(poem::http::StatusCode::FOUND).header("location", "/echo").finish()
    }

    #[handler]
    fn huge() -> Vec<u8> {
        vec![b'x'; LONGEST + 1]
    }

    /// Serves on a loopback port and returns its address.
    async fn serve() -> u16 {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let port = acceptor.local_addr()[0].as_socket_addr().unwrap().port();
        let routes = Route::new().at("/echo", post(echo)).at("/moved", get(far_away)).at("/huge", get(huge));
        tokio::spawn(Server::new_with_acceptor(acceptor).run(routes.with(poem::middleware::CatchPanic::new())));
        port
    }

    #[tokio::test]
    async fn what_is_not_public_is_refused_by_address_and_by_name() {
        let port = serve().await;
        for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"] {
            let url = Url::parse(&format!("http://{host}:{port}/moved")).unwrap();
            let error = outbound(&[]).get(&url, "*/*").await.unwrap_err();
            assert!(matches!(error, OutboundError::Forbidden { .. }), "{host}: {error:?}");
        }
        for wrong in ["ftp://8.8.8.8/", "https://u:p@8.8.8.8/", "data:text/plain,x", "file:///etc/passwd"] {
            let error = outbound(&[]).get(&Url::parse(wrong).unwrap(), "*/*").await.unwrap_err();
            assert!(matches!(error, OutboundError::Address(_)), "{wrong}: {error:?}");
        }
    }

    #[tokio::test]
    async fn redirects_are_not_followed_and_long_answers_are_cut() {
        let port = serve().await;
        let outbound = outbound(&["127.0.0.0/8", "::1/128"]);
        let url = |path: &str| Url::parse(&format!("http://127.0.0.1:{port}{path}")).unwrap();
        assert_eq!(outbound.get(&url("/moved"), "*/*").await.unwrap().status, 302);
        let answer = outbound.post_form(&url("/echo"), "logout_token=x".to_owned()).await.unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"logout_token=x".as_slice()));
        assert!(matches!(outbound.get(&url("/huge"), "*/*").await, Err(OutboundError::TooLong)));
    }

    #[tokio::test]
    async fn a_peer_that_says_nothing_is_left_after_five_seconds() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let error = outbound(&["127.0.0.1/32"]).get(&url, "*/*").await.unwrap_err();
        assert!(matches!(error, OutboundError::TimedOut), "{error:?}");
    }
}
