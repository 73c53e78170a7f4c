//! `xurrent-introspect`: fetches the schema of a live endpoint into schema.json.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    xurrent_introspect::run().await
}
