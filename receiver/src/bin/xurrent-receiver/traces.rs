//! Traces to a collector of OpenTelemetry, by OTLP over HTTP.
//!
//! The spans of a delivery are `receive`, with `verify` and `store` below it, and a `deliver` for each attempt,
//! which may be in another process. They share a trace whose id is derived from the delivery's origin, so that nothing is kept for it.
//! No attribute holds a body, a secret, or what a target responds.

use crate::error::{Error, chain};
use aws_lc_rs::digest;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider,
};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::time::Duration;
use tracing::{Instrument, Span, Subscriber, error, field, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;
use xurrent_receiver::QueuedDelivery;

/// The variables of OpenTelemetry that name a collector.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// The spans that are sent.
const SPANS: [&str; 4] = ["receive", "verify", "store", "deliver"];

/// How long the last spans may take.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// The headers with the origin of a delivery. The first attempt has none, and its id is the origin.
const ORIGINS: [&str; 4] =
    ["x-xurrent-delivery-origin", "x-4me-delivery-origin", "x-xurrent-delivery", "x-4me-delivery"];

/// Sends spans in the background.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// `None` if the environment names no collector. The other variables of OpenTelemetry apply as well.
    pub(crate) fn start() -> Result<Option<Self>, Error> {
        let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let Some(variable) = ENDPOINTS.into_iter().find(is_set) else { return Ok(None) };
        let failed = |error| Error::Configuration(format!("cannot trace to {variable}: {}", chain(&error)));
        let exporter = SpanExporter::builder().with_http().build().map_err(failed)?;
        let mut resource = Resource::builder();
        if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name("xurrent-receiver");
        }
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build());
        Ok(Some(Self { provider: provider.build() }))
    }

    pub(crate) fn layer<S: Subscriber + for<'s> LookupSpan<'s>>(&self) -> impl Layer<S> + use<S> {
        let layer = tracing_opentelemetry::layer().with_tracer(self.provider.tracer("xurrent-receiver"));
        let layer = layer.with_location(false).with_threads(false).with_tracked_inactivity(false);
        layer.with_filter(filter_fn(|data| {
            data.is_span() && data.target().starts_with("xurrent_receiver") && SPANS.contains(&data.name())
        }))
    }

    pub(crate) async fn stop(self) {
        // It waits for a thread.
        let stopped = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(STOP_TIMEOUT));
        if let Ok(Err(error)) = stopped.await {
            error!(error = &error as &dyn std::error::Error, "could not send the last spans");
        }
    }
}

/// Traces a request. What a sender claims is an attribute only once it was verified.
pub(crate) async fn receive(request: Request, next: Next) -> Response {
    let span = info_span!(
        "receive",
        otel.kind = "server",
        otel.status_code = field::Empty,
        delivery.origin = field::Empty,
        http.response.status_code = field::Empty
    );
    let origin = origin(request.headers()).map(str::to_owned);
    join(&span, origin.as_deref());
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_success() {
        span.record("delivery.origin", origin);
    } else if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    response
}

fn origin(headers: &HeaderMap) -> Option<&str> {
    ORIGINS.iter().find_map(|name| headers.get(*name)?.to_str().ok())
}

/// The span of an attempt.
pub(crate) fn deliver(delivery: &QueuedDelivery) -> Span {
    let span = info_span!(
        "deliver",
        otel.kind = "client",
        otel.status_code = field::Empty,
        delivery.origin = delivery.origin_id(),
        delivery.event = delivery.event.as_str(),
        delivery.attempt = delivery.attempt,
        delivery.result = field::Empty
    );
    join(&span, delivery.origin_id());
    span
}

/// The header that lets the target of an attempt join the trace.
pub(crate) fn traceparent() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    let flags = span.trace_flags().to_u8();
    span.is_valid().then(|| format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()))
}

/// Makes a span part of the trace of a delivery.
fn join(span: &Span, origin: Option<&str>) {
    let Some(origin) = origin else { return };
    let hash = digest::digest(&digest::SHA256, origin.as_bytes());
    let (Some(trace), Some(parent)) = (hash.as_ref().first_chunk(), hash.as_ref().last_chunk()) else {
        return;
    };
    let (trace, parent) = (TraceId::from_bytes(*trace), SpanId::from_bytes(*parent));
    let parent = SpanContext::new(trace, parent, TraceFlags::SAMPLED, true, TraceState::default());
    // Fails only for a span that is not sent.
    let _ = span.set_parent(Context::new().with_remote_span_context(parent));
}
