//! What monitoring reads of requests: a middleware around each listener's whole server.
//!
//! The rule: a label never holds what a stranger has chosen. The route is the pattern that matched, and `other` where
//! none did or the framework itself refused; a method that HTTP does not define is `_OTHER`.

use std::sync::Arc;
use std::time::Instant;

use poem::http::Method;
use poem::{Endpoint, PathPattern, Request, Response, Result};
use prometheus::{Error, HistogramVec, IntGauge, IntGaugeVec, Registry};

use crate::app::App;
use crate::metrics::family::{gauges, histograms};

/// As the OpenTelemetry conventions advise.
const BUCKETS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Which listener a request came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listener {
    /// OpenID Connect.
    Public,
    /// The admin API.
    Admin,
}

impl Listener {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Admin => "admin",
        }
    }
}

/// The metrics of requests.
pub(crate) struct HttpMetrics {
    durations: HistogramVec,
    active: IntGaugeVec,
}

impl HttpMetrics {
    pub(super) fn new(registry: &Registry) -> std::result::Result<Self, Error> {
        let metrics = Self {
            durations: histograms(
                registry,
                "http_server_request_duration_seconds",
                "How long requests took, from their first byte to the answer.",
                &["listener", "http_route", "http_request_method", "http_response_status_code"],
                BUCKETS,
            )?,
            active: gauges(registry, "http_server_active_requests", "Requests that are under way.", &["listener"])?,
        };
        for listener in [Listener::Public, Listener::Admin] {
            metrics.active.with_label_values(&[listener.as_str()]).set(0);
        }
        Ok(metrics)
    }
}

/// Measures every request to a whole server.
pub(crate) fn measure<E: Endpoint<Output = Response>>(
    endpoint: E,
    app: &Arc<App>,
    listener: Listener,
) -> impl Endpoint<Output = Response> + use<E> {
    Measured { endpoint, app: Arc::clone(app), listener }
}

/// A server and the watch on its requests.
struct Measured<E> {
    endpoint: E,
    app: Arc<App>,
    listener: Listener,
}

/// Counts a request as under way until it is dropped: a client may go away at any time.
struct Active(IntGauge);

impl Active {
    fn begin(gauge: IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Measured<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let (metrics, listener) = (&self.app.metrics.http, self.listener.as_str());
        let _active = Active::begin(metrics.active.with_label_values(&[listener]));
        let method = method(request.method());
        let began = Instant::now();
        let response = self.endpoint.call(request).await.unwrap_or_else(|error| error.into_response());
        let route = route(&response);
        let status = response.status();
        let labels = [listener, route, method, status.as_str()];
        metrics.durations.with_label_values(&labels).observe(began.elapsed().as_secs_f64());
        Ok(response)
    }
}

/// Returns the pattern that led to an answer, `other` where none did; what matches everything is none.
pub(crate) fn route(response: &Response) -> &str {
    let pattern = response.data::<PathPattern>().map_or("", |pattern| &pattern.0);
    if pattern.is_empty() || pattern.contains("*--") { "other" } else { pattern }
}

fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "CONNECT" => "CONNECT",
        "TRACE" => "TRACE",
        _ => "_OTHER",
    }
}
