//! The public address of a deployment, which is its issuer.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The public address, which is also the issuer: `https://auth.example.com`, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    path: String,
    loopback: bool,
    https: bool,
}

impl BaseUrl {
    /// Returns the URL without a slash at the end: the `iss` claim.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the path without a slash at the end; empty for most deployments.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns whether the scheme is https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Returns whether the host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // With an `@` there may be a password in it, which no message repeats.
        let shown = if text.contains('@') { "the value".to_owned() } else { format!("{text:?}") };
        let url = Url::parse(text)
            .map_err(|error| format!("{shown} is not a URL ({error}); write it like https://auth.example.com"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the URL may hold no user name and no password".to_owned());
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("{shown} should begin with https:// (or http:// for trying things out)"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("{shown} may have no query and no fragment"));
        }
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(format!("{shown} names no host")),
        };
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            path: url.path().trim_end_matches('/').to_owned(),
            https: url.scheme() == "https",
            loopback,
        })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_is_trimmed_and_a_path_kept() {
        for (text, issuer, path) in [
            ("https://auth.example.com/", "https://auth.example.com", ""),
            ("https://example.com/auth/", "https://example.com/auth", "/auth"),
            ("http://[::1]:8080", "http://[::1]:8080", ""),
        ] {
            let url: BaseUrl = text.parse().unwrap();
            assert_eq!((url.as_str(), url.path()), (issuer, path));
        }
    }

    #[test]
    fn what_cannot_be_an_issuer_is_refused() {
        for text in [
            "ftp://example.com",
            "https://example.com/?a",
            "https://example.com/#a",
            "https://u:p@example.com",
            "https://u@example.com",
            "https://",
            "auth.example.com",
            "auth.example.com:8080",
            "",
        ] {
            assert!(text.parse::<BaseUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn no_message_repeats_a_password() {
        for text in ["https://u:canary@h/?a", "ftp://u:canary@h", "https://u:canary@h:port", "u:canary@h"] {
            let reason = text.parse::<BaseUrl>().unwrap_err();
            assert!(!reason.contains("canary"), "{reason}");
        }
    }

    #[test]
    fn loopback_is_every_name_of_this_machine() {
        for (text, loopback) in [
            ("http://localhost:8080", true),
            ("http://auth.localhost", true),
            ("http://127.0.0.2", true),
            ("http://[::1]", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example.com", false),
        ] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().is_loopback(), loopback, "{text}");
        }
    }
}
