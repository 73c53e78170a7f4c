//! Errors of making a sandbox or an engine.

/// An error of making a sandbox or an engine, or of reading a script or a recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
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
    /// A record of the user does not fit the schema, or a file of records cannot be read.
    #[error("invalid records{source_name}{reason}")]
    Records {
        /// ` in ` and the files, if there are some.
        source_name: String,
        /// All mistakes, with the type, the key and the field.
        reason: String,
    },
    /// Records of an unknown type cannot be [generated](crate::SandboxBuilder::generate).
    #[error("cannot generate records of the unknown type {type_name:?}{suggestion}")]
    UnknownType {
        /// The type.
        type_name: String,
        /// A type of a similar name, if there is one.
        suggestion: String,
    },
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
