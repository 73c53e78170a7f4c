//! What can go wrong before the sandbox answers its first request.

/// Why a sandbox or an engine could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// [`start`](crate::SandboxBuilder::start) was called without a schema.
    #[error("no schema given: pass an introspection result with `schema_json`")]
    MissingSchema,
    /// The text is not an introspection result. `path` says where it departs from one.
    #[error("not an introspection result: {reason} at {path}")]
    Introspection {
        /// Where in the JSON, written like `types[3].fields[0].type`.
        path: String,
        /// What was expected there.
        reason: String,
    },
    /// The text is not JSON.
    #[error("the schema is not JSON")]
    Json(#[from] serde_json::Error),
    /// The schema reads well but breaks the rules of GraphQL.
    #[error("the schema is not valid GraphQL:\n{0}")]
    Schema(String),
    /// The schema has no root query type, so there is nothing to serve.
    #[error("the schema has no query type")]
    NoQueryType,
    /// A [script](crate::Fault::script) of faults cannot be used.
    #[error("not a script of faults: {reason}")]
    Script {
        /// What is wrong with it, and where.
        reason: String,
    },
    /// The loopback socket could not be opened.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port asked for; 0 stands for any free port.
        port: u16,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// No certificate for https could be made.
    #[error("no certificate can be made: {reason}")]
    Certificate {
        /// What went wrong.
        reason: String,
    },
    /// The recording to replay cannot be read.
    #[error("{} cannot be replayed: {reason}", path.display())]
    Recording {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong, and in which line.
        reason: String,
    },
}
