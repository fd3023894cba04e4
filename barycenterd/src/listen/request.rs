//! What happens to every request on both listeners: an id, a line in the log, a limit for its body, and a plain 500
//! for whatever goes wrong inside.
//!
//! The rule: the log names method, path and status, and never a query string, a header or a body: codes, tokens and
//! passwords travel there. An id from outside is not taken over; ours is in every line of the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use barycenter_core::secret::random_bytes;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poem::error::ReadBodyError;
use poem::http::header::CONNECTION;
use poem::http::{HeaderValue, StatusCode, Version};
use poem::middleware::CatchPanic;
use poem::{Body, Endpoint, EndpointExt as _, IntoResponse as _, Request, Response, Result};
use tracing::Instrument as _;

use crate::metrics::http::route;
use crate::telemetry::traces;

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest part of a path that is logged, in characters.
const LOGGED_PATH: usize = 200;

/// The header that tells a client its request's id.
const ID_HEADER: &str = "x-request-id";

/// Names one request in the log and in its answer.
#[derive(Debug, Clone)]
pub struct RequestId(String);

impl RequestId {
    /// Returns a new id: 96 random bits.
    fn generate() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes::<12>()))
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the daemon is shutting down, for whoever decides where to send requests.
#[derive(Debug, Clone, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// From now on the daemon is shutting down.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Returns whether the daemon is shutting down.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Wraps a whole server. `body_bytes` limits every body; `None` leaves that to handlers that know better.
pub fn guard<E: Endpoint>(
    endpoint: E,
    body_bytes: Option<usize>,
    draining: &Draining,
) -> impl Endpoint<Output = Response> + use<E> {
    let endpoint = endpoint.with(CatchPanic::new().with_handler(|_| internal_error()));
    Guarded { endpoint, body_bytes, draining: draining.clone() }
}

/// A server and what surrounds it.
struct Guarded<E> {
    endpoint: E,
    body_bytes: Option<usize>,
    draining: Draining,
}

impl<E: Endpoint<Output = Response>> Endpoint for Guarded<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let started = Instant::now();
        let id = RequestId::generate();
        let span = tracing::info_span!("request", otel.kind = "server", id = id.as_str());
        traces::describe(&span, &request);
        let (method, version) = (request.method().clone(), request.version());
        let path: String = request.original_uri().path().chars().take(LOGGED_PATH).collect();
        let peer = request.remote_addr().as_socket_addr().map(ToString::to_string).unwrap_or_default();
        request.extensions_mut().insert(id.clone());
        request.extensions_mut().insert(self.draining.clone());
        let mut response = self.respond(request).instrument(span.clone()).await;
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            response.headers_mut().insert(ID_HEADER, value);
        }
        // Connections that are kept open would send their next request to a daemon that is gone by then.
        if self.draining.has_begun() && version < Version::HTTP_2 {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        let (status, took) = (response.status().as_u16(), started.elapsed().as_millis());
        traces::conclude(&span, &method, route(&response), status);
        let _entered = span.enter();
        if is_routine(&path) {
            tracing::debug!(%method, path, status, took_ms = took, peer, "answered");
        } else {
            tracing::info!(%method, path, status, took_ms = took, peer, "answered");
        }
        Ok(response)
    }
}

impl<E: Endpoint<Output = Response>> Guarded<E> {
    /// Limits the body, asks the server, and makes a response of an error.
    async fn respond(&self, mut request: Request) -> Response {
        if let Some(limit) = self.body_bytes {
            match read_body(request.take_body(), limit).await {
                Ok(bytes) => request.set_body(bytes),
                Err(error) => return unread(&error, limit),
            }
        }
        self.endpoint.call(request).await.unwrap_or_else(|error| error.into_response())
    }
}

/// Reads a body, whatever its head says about its length.
///
/// # Errors
/// `PayloadTooLarge` when it is longer than `limit` bytes; `Io` when it ends early or takes too long.
pub async fn read_body(body: Body, limit: usize) -> std::result::Result<Vec<u8>, ReadBodyError> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    match tokio::time::timeout(BODY_TIMEOUT, body.into_bytes_limit(limit)).await {
        Ok(read) => read.map(Vec::from),
        Err(_) => Err(ReadBodyError::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

fn unread(error: &ReadBodyError, limit: usize) -> Response {
    let (status, text) = match error {
        ReadBodyError::PayloadTooLarge => {
            (StatusCode::PAYLOAD_TOO_LARGE, format!("the body is longer than {limit} bytes\n"))
        }
        ReadBodyError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            (StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time\n".to_owned())
        }
        _ => (StatusCode::BAD_REQUEST, "the body ended early\n".to_owned()),
    };
    text.with_status(status).into_response()
}

fn internal_error() -> Response {
    "internal error; the server's log tells the cause, look for this request's x-request-id\n"
        .with_status(StatusCode::INTERNAL_SERVER_ERROR)
        .into_response()
}

/// What machines ask for every few seconds, and what a page brings along.
fn is_routine(path: &str) -> bool {
    ["/livez", "/readyz"].iter().any(|end| path.ends_with(end))
        || ["/.well-known/", "/assets/"].iter().any(|part| path.contains(part))
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;
    use poem::{handler, post};

    use super::*;

    #[handler]
    fn count(body: Vec<u8>) -> String {
        body.len().to_string()
    }

    #[handler]
    fn fail() -> String {
        panic!("a canary that no client may see")
    }

    fn client() -> TestClient<impl Endpoint> {
        let routes = poem::Route::new().at("/", post(count)).at("/fail", post(fail));
        TestClient::new(guard(routes, Some(10), &Draining::default()))
    }

    #[tokio::test]
    async fn long_bodies_are_refused_chunked_or_not() {
        let client = client();
        client.post("/").body("0123456789").send().await.assert_text("10").await;
        client.post("/").body("0123456789a").send().await.assert_status(StatusCode::PAYLOAD_TOO_LARGE);
        let chunks = || Body::from_async_read(std::io::Cursor::new(vec![b'x'; 11]));
        client.post("/").body(chunks()).send().await.assert_status(StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn a_panic_is_a_500_that_tells_nothing() {
        let response = client().post("/fail").send().await;
        response.assert_status(StatusCode::INTERNAL_SERVER_ERROR);
        let text = response.0.into_body().into_string().await.unwrap();
        assert!(!text.contains("canary"), "{text}");
    }

    #[tokio::test]
    async fn every_answer_has_an_id_of_its_own() {
        let client = client();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..3 {
            let response = client.post("/nowhere").header(ID_HEADER, "mine").send().await;
            seen.insert(response.0.header(ID_HEADER).unwrap().to_owned());
        }
        assert_eq!(seen.len(), 3);
        assert!(!seen.contains("mine"));
    }
}
