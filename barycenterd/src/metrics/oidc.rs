//! What monitoring reads of the protocol: sign-ins and token requests by how they ended.

use poem::http::StatusCode;
use prometheus::{Error, IntCounterVec, Registry};

use crate::metrics::family::counters;

/// How a sign-in may end.
const LOGINS: [&str; 4] = ["succeeded", "refused", "limited", "failed"];

/// The grant types that have a name of their own, as they are asked for and in metrics.
const GRANTS: [(&str, &str); 5] = [
    ("authorization_code", "authorization_code"),
    ("refresh_token", "refresh_token"),
    ("client_credentials", "client_credentials"),
    ("urn:ietf:params:oauth:grant-type:device_code", "device_code"),
    ("urn:ietf:params:oauth:grant-type:token-exchange", "token_exchange"),
];

/// The metrics of the protocol.
pub(crate) struct OidcMetrics {
    logins: IntCounterVec,
    tokens: IntCounterVec,
}

impl OidcMetrics {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        let metrics = Self {
            logins: counters(registry, "barycenter_logins_total", "Sign-ins with a password.", &["result"])?,
            tokens: counters(
                registry,
                "barycenter_token_requests_total",
                "Answers of the token endpoint.",
                &["grant_type", "result"],
            )?,
        };
        // A rate needs to have seen zero.
        for result in LOGINS {
            drop(metrics.logins.with_label_values(&[result]));
        }
        for grant in ["authorization_code", "refresh_token"] {
            drop(metrics.tokens.with_label_values(&[grant, "issued"]));
        }
        Ok(metrics)
    }

    /// Counts a sign-in by the status of its answer; what was no attempt (a form of another site) is not counted.
    pub(crate) fn login(&self, status: StatusCode) {
        let result = match status {
            StatusCode::SEE_OTHER => "succeeded",
            StatusCode::UNPROCESSABLE_ENTITY => "refused",
            StatusCode::TOO_MANY_REQUESTS => "limited",
            status if status.is_server_error() => "failed",
            _ => return,
        };
        self.logins.with_label_values(&[result]).inc();
    }

    /// Counts an answer of the token endpoint: `issued`, or an error code of RFC 6749.
    pub(crate) fn token_request(&self, grant_type: Option<&str>, result: &'static str) {
        let known = GRANTS.iter().find(|(asked, _)| Some(*asked) == grant_type);
        self.tokens.with_label_values(&[known.map_or("other", |(_, name)| name), result]).inc();
    }
}
