//! The program `xurrent-receiver`: a durable webhook endpoint for Xurrent, configured by a file.

#[cfg(not(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls")))]
compile_error!("the feature `program` needs TLS: enable `rustls`, `rustls-ring` or `native-tls`");

#[cfg(unix)]
mod admin;
#[cfg(unix)]
mod arguments;
#[cfg(unix)]
mod check;
#[cfg(unix)]
mod config;
#[cfg(unix)]
mod control;
#[cfg(unix)]
mod error;
#[cfg(unix)]
mod health;
#[cfg(unix)]
mod output;
#[cfg(unix)]
mod replay;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod target;
#[cfg(unix)]
mod telemetry;
#[cfg(all(unix, feature = "opentelemetry"))]
mod traces;

#[cfg(unix)]
#[tokio::main]
async fn main() -> std::process::ExitCode {
    arguments::run().await
}

#[cfg(not(unix))]
fn main() -> std::process::ExitCode {
    eprintln!("xurrent-receiver: this program needs Unix; use the crate `xurrent-receiver` as a library");
    std::process::ExitCode::FAILURE
}
