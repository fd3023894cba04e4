//! Where a request comes from: the address of the connection, or what the proxies in front of us say
//! (`server.trusted_proxies`).
//!
//! The rule: `X-Forwarded-For` is read from its end, and believed only as far as it was written by proxies that the
//! operator has named. Whoever writes such a header themselves gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use barycenter_core::config::Network;
use barycenter_core::model::Limit;
use barycenter_core::store::StoreError;
use poem::{Addr, Request};

use crate::app::App;

/// Returns the address of whoever makes a request; unspecified if the connection has none.
pub(crate) fn client_address(trusted: &[Network], request: &Request) -> IpAddr {
    let peer = match &request.remote_addr().0 {
        Addr::SocketAddr(address) => address.ip().to_canonical(),
        _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    let headers = request.headers().get_all("x-forwarded-for");
    let forwarded: Vec<&str> = headers.iter().filter_map(|value| value.to_str().ok()).collect();
    believed(trusted, peer, &forwarded)
}

/// Goes back from proxy to proxy until one is not ours.
fn believed(trusted: &[Network], peer: IpAddr, forwarded: &[&str]) -> IpAddr {
    let is_ours = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut nearest = peer;
    for entry in forwarded.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !is_ours(nearest) {
            break;
        }
        match parse(entry.trim()) {
            Some(address) => nearest = address,
            None => break,
        }
    }
    nearest
}

/// Reads `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` and `[2001:db8::1]:4711`.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address| address.to_canonical())
}

/// Returns the part of an address that stands for one customer of a network: IPv6 gives each a /64 at least.
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

/// Lets an address do something of this name once more; returns how many seconds to wait where it has done so too often.
/// One at a time, so that many at once are still counted.
pub(crate) async fn take_turn(app: &App, name: &str, address: IpAddr, limit: Limit) -> Result<Option<i64>, StoreError> {
    let name = format!("{name} from {}", neighbourhood(address));
    let transaction = app.store.write().await?;
    transaction.lock(&name).await?;
    let owed = transaction.throttles().free_at(&[&name]).await?;
    let wait = limit.wait(owed.get(&name).copied(), app.now());
    if let Some(seconds) = wait {
        tracing::warn!(name, seconds, "put off: there have been too many");
    } else {
        transaction.throttles().charge(&name, app.now(), limit.interval).await?;
        transaction.commit().await?;
    }
    Ok(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        believed(&trusted, peer.parse().unwrap(), forwarded).to_string()
    }

    #[test]
    fn only_our_own_proxies_are_believed() {
        assert_eq!(seen("192.0.2.1", &[]), "192.0.2.1");
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"]), "192.0.2.1", "a header from outside says nothing");
        assert_eq!(seen("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            seen("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.0.0.2"]),
            "198.51.100.7",
            "what came before is forged"
        );
        assert_eq!(seen("10.0.0.1", &["1.1.1.1", "198.51.100.7"]), "198.51.100.7", "two lines are one list");
        assert_eq!(seen("fd00::1", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(seen("10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        for garbage in ["", "unknown", "_hidden", "1.2.3.4.5", "::g"] {
            assert_eq!(seen("10.0.0.1", &[garbage]), "10.0.0.1", "{garbage}");
        }
        assert_eq!(seen("10.0.0.1", &["::ffff:198.51.100.7"]), "198.51.100.7");
    }

    #[test]
    fn an_ipv6_neighbourhood_is_a_64() {
        let near = |text: &str| neighbourhood(text.parse().unwrap()).to_string();
        assert_eq!(near("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(near("192.0.2.1"), "192.0.2.1");
    }
}
