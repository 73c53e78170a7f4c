//! Errors of making a sandbox or an engine.

/// An error of making a sandbox or an engine, or of reading a script or a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// [`start`](crate::SandboxBuilder::start) was called without a schema.
    #[error("missing schema: pass an introspection result with `schema_json`")]
    MissingSchema,
    /// The JSON is not an introspection result.
    #[error("not an introspection result: {reason} at {path}")]
    Introspection {
        /// The path in the JSON, such as `__schema.types[3].fields[0].type`.
        path: String,
        /// The reason.
        reason: String,
    },
    /// The text is not JSON.
    #[error("the schema is not JSON")]
    Json(#[from] serde_json::Error),
    /// The schema violates the rules of GraphQL.
    #[error("the schema is not valid GraphQL:\n{0}")]
    Schema(String),
    /// The schema has no query type.
    #[error("the schema has no query type")]
    NoQueryType,
    /// A [script](crate::Fault::script) of faults is invalid.
    #[error("invalid script of faults: {reason}")]
    Script {
        /// The reason, with the line or the entry.
        reason: String,
    },
    /// Cannot listen on a loopback socket.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port; 0 for a free one.
        port: u16,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// Cannot generate the certificate for https.
    #[error("cannot generate a certificate: {reason}")]
    Certificate {
        /// The reason.
        reason: String,
    },
    /// Cannot read the [root certificate](crate::Webhooks::root_certificate) for webhook deliveries.
    #[error("cannot read the root certificate for webhooks: {reason}")]
    RootCertificate {
        /// The reason.
        reason: String,
    },
    /// Cannot replay a recording.
    #[error("cannot replay {}: {reason}", path.display())]
    Recording {
        /// The file.
        path: std::path::PathBuf,
        /// The reason, with the line.
        reason: String,
    },
}
