//! Traces of requests, sent to an OpenTelemetry collector (OTLP over HTTP) where one is configured.
//!
//! A request is one span, named by its method and route; its statements on the database are spans below it. Whoever
//! calls with a `traceparent` header (W3C Trace Context) decides whether the request is traced, and finds it in their
//! own trace. The exporter reads the other `OTEL_…` variables by itself: headers, timeouts, resource attributes.

use std::collections::BTreeMap;

use barycenter_core::config::Telemetry;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{Status, TraceContextExt as _, TracerProvider as _};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use poem::Request;
use poem::http::{HeaderMap, Method};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Where the exporter's own variable names the collector.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// What names the service, unless its own variable does.
const SERVICE: (&str, &str) = ("OTEL_SERVICE_NAME", "barycenterd");

/// Sends spans until it ends.
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Returns what sends spans, if a collector is named.
    ///
    /// # Errors
    /// When the exporter cannot be made.
    pub(super) fn begin(
        settings: &Telemetry,
        environment: &BTreeMap<String, String>,
    ) -> Result<Option<Self>, ExporterBuildError> {
        let named = |name: &str| environment.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let Some(collector) = settings.otlp_endpoint.as_deref().or_else(|| named(ENDPOINT)) else { return Ok(None) };
        let endpoint = format!("{}/v1/traces", collector.trim_end_matches('/'));
        let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
        let (variable, name) = SERVICE;
        let mut resource = Resource::builder();
        if named(variable).is_none() {
            resource = resource.with_service_name(name);
        }
        let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let share = f64::from(settings.sample_percent) / 100.0;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share))))
            .with_resource(resource.with_attribute(version).build())
            .build();
        Ok(Some(Self(provider)))
    }

    pub(super) fn tracer(&self) -> SdkTracer {
        self.0.tracer(SERVICE.1)
    }

    /// Sends what has not been sent yet.
    pub(super) fn end(&self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Puts a request's span into the trace of whoever calls, and describes it (OpenTelemetry's conventions for HTTP
/// servers). A path may hold what is nobody's business: only the route is told.
pub(crate) fn describe(span: &Span, request: &Request) {
    if request.headers().contains_key("traceparent") {
        let parent = TraceContextPropagator::new().extract(&Headers(request.headers()));
        // A span that nobody traces has no parent either.
        let _ = span.set_parent(parent);
    }
    span.set_attribute("http.request.method", request.method().to_string());
}

/// Names a request's span by its method and route, and describes what became of it.
pub(crate) fn conclude(span: &Span, method: &Method, route: &str, status: u16) {
    span.context().span().update_name(format!("{method} {route}"));
    span.set_attribute("http.route", route.to_owned());
    span.set_attribute("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.set_status(Status::error(""));
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(poem::http::HeaderName::as_str).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use opentelemetry_sdk::error::OTelSdkResult;
    use opentelemetry_sdk::trace::SpanData;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// Keeps what would be sent.
    #[derive(Debug, Clone, Default)]
    struct Kept(Arc<Mutex<Vec<SpanData>>>);

    impl opentelemetry_sdk::trace::SpanExporter for Kept {
        async fn export(&self, mut spans: Vec<SpanData>) -> OTelSdkResult {
            self.0.lock().unwrap().append(&mut spans);
            Ok(())
        }
    }

    #[test]
    fn a_span_is_named_by_its_route_and_no_path_is_told() {
        let kept = Kept::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(kept.clone()).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let span = tracing::info_span!("request", otel.kind = "server");
            describe(&span, &Request::builder().uri_str("/secret/path").finish());
            conclude(&span, &Method::GET, "/secret/:id", 503);
        });
        let spans = kept.0.lock().unwrap();
        assert_eq!(spans.len(), 1);
        assert_eq!((spans[0].name.as_ref(), &spans[0].status), ("GET /secret/:id", &Status::error("")));
        let told: BTreeMap<_, _> =
            spans[0].attributes.iter().map(|told| (told.key.as_str(), told.value.to_string())).collect();
        assert_eq!(told.get("http.route").map(String::as_str), Some("/secret/:id"));
        assert_eq!(told.get("http.response.status_code").map(String::as_str), Some("503"));
        assert!(!format!("{spans:?}").contains("secret/path"));
    }

    #[test]
    fn a_request_stands_in_the_trace_of_its_caller() {
        let request = Request::builder()
            .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
            .finish();
        let context = TraceContextPropagator::new().extract(&Headers(request.headers()));
        let span = context.span().span_context().clone();
        assert_eq!(span.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(span.is_sampled() && span.is_remote());
    }

    #[test]
    fn nobody_is_told_anything_unless_a_collector_is_named() {
        let none = Traces::begin(&Telemetry::default(), &BTreeMap::from([(ENDPOINT.to_owned(), " ".to_owned())]));
        assert!(none.unwrap().is_none());
    }
}
