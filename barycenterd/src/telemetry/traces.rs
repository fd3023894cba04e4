//! Traces of requests, sent to an OpenTelemetry collector (OTLP over HTTP) where one is configured.
//!
//! A request is one span, named by its method and route; its statements on the database are spans below it. Whoever
//! calls with a `traceparent` header (W3C Trace Context) decides whether the request is traced, and finds it in their
//! own trace. The exporter reads the other `OTEL_…` variables by itself: headers, timeouts, resource attributes.

use std::collections::BTreeMap;

use barycenter_core::config::Telemetry;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use poem::Request;
use poem::http::HeaderMap;
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

/// Describes what became of a request.
pub(crate) fn conclude(span: &Span, status: u16) {
    span.set_attribute("http.response.status_code", i64::from(status));
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
    use opentelemetry::trace::TraceContextExt as _;

    use super::*;

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
