//! Log lines on standard error and, with the feature `opentelemetry`, traces to a collector.

use crate::config::Log;
use crate::error::Error;
#[cfg(feature = "opentelemetry")]
use crate::traces::Traces;
use axum::Router;
use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Runs from the start of the service to its end.
pub(crate) struct Telemetry {
    #[cfg(feature = "opentelemetry")]
    traces: Option<Traces>,
}

impl Telemetry {
    /// Begins to log and, if the environment names a collector, to trace.
    pub(crate) fn start(log: Log) -> Result<Self, Error> {
        let level = match log {
            Log::Error => Level::ERROR,
            Log::Warn => Level::WARN,
            Log::Info => Level::INFO,
            Log::Debug => Level::DEBUG,
        };
        // Other crates only warn: their details could hold what a sender or an operator wants to keep private.
        let ours = ["xurrent_receiver", "xurrent_webhook"].map(|target| (target, level));
        let filter =
            Targets::new().with_targets(ours).with_default(LevelFilter::from(level.min(Level::WARN)));
        let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
        let registry = tracing_subscriber::registry().with(lines.with_filter(filter));
        #[cfg(feature = "opentelemetry")]
        let traces = Traces::start()?;
        #[cfg(feature = "opentelemetry")]
        let registry = registry.with(traces.as_ref().map(Traces::layer));
        // Fails only if there is one already.
        let _ = registry.try_init();
        Ok(Self {
            #[cfg(feature = "opentelemetry")]
            traces,
        })
    }

    /// Traces the requests of a router.
    pub(crate) fn trace(&self, router: Router) -> Router {
        #[cfg(feature = "opentelemetry")]
        if self.traces.is_some() {
            return router.layer(axum::middleware::from_fn(crate::traces::receive));
        }
        router
    }

    /// Sends what was not sent yet.
    #[cfg_attr(
        not(feature = "opentelemetry"),
        allow(clippy::unused_async, reason = "there is nothing to send")
    )]
    pub(crate) async fn stop(self) {
        #[cfg(feature = "opentelemetry")]
        if let Some(traces) = self.traces {
            traces.stop().await;
        }
    }
}
