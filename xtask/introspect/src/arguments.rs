//! Arguments for the source of the schema, which `cargo xtask regen` has as well.

use clap::Args;

/// Source of the schema, account and credentials.
#[derive(Default, Args)]
pub(crate) struct SourceArguments {
    #[command(flatten)]
    pub(crate) location: Location,
    /// Token endpoint, for client credentials with --endpoint
    #[arg(long, value_name = "URL", requires = "endpoint", conflicts_with_all = ["stage", "domain"])]
    pub(crate) token_endpoint: Option<String>,
    /// Region of the stage
    #[arg(long, value_parser = ["global", "au", "ch", "uk", "us"], requires = "stage", conflicts_with_all = ["endpoint", "domain"])]
    pub(crate) region: Option<String>,
    /// Account id [env: XURRENT_ACCOUNT]. A loopback endpoint needs no account and no token
    #[arg(long, value_name = "ID", requires = "source")]
    pub(crate) account: Option<String>,
    /// Personal access token [env: XURRENT_TOKEN]. Arguments are visible to other users: prefer the variable
    #[arg(long, value_name = "TOKEN", requires = "source")]
    pub(crate) token: Option<String>,
    /// Client id of an OAuth application [env: XURRENT_CLIENT_ID]
    #[arg(long, value_name = "ID", requires = "source")]
    pub(crate) client_id: Option<String>,
    /// Its secret [env: XURRENT_CLIENT_SECRET]. Arguments are visible to other users: prefer the variable
    #[arg(long, value_name = "SECRET", requires = "source")]
    pub(crate) client_secret: Option<String>,
}

#[derive(Default, Args)]
#[group(id = "source", multiple = false)]
pub(crate) struct Location {
    /// GraphQL endpoint, such as that of `cargo xtask sandbox`
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// Environment of Xurrent
    #[arg(long, value_parser = ["production", "qa", "demo"])]
    pub(crate) stage: Option<String>,
    /// Domain with endpoints at `graphql.` and `oauth.`
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: Option<String>,
}

/// Source of the schema of a second environment.
#[derive(Default, Args)]
#[group(id = "also_source", multiple = false)]
pub(crate) struct AlsoLocation {
    /// GraphQL endpoint of a second environment, generated together with the first
    #[arg(long, value_name = "URL", requires = "source")]
    pub(crate) also_endpoint: Option<String>,
    /// Second environment of Xurrent, in the same region
    ///
    /// Its credentials are in the environment alone: XURRENT_ALSO_TOKEN, or XURRENT_ALSO_CLIENT_ID and
    /// XURRENT_ALSO_CLIENT_SECRET; XURRENT_ALSO_ACCOUNT is by default the account of the first
    #[arg(long, value_parser = ["production", "qa", "demo"], requires = "source")]
    pub(crate) also_stage: Option<String>,
    /// Domain of a second environment
    #[arg(long, value_name = "DOMAIN", requires = "source")]
    pub(crate) also_domain: Option<String>,
}

impl AlsoLocation {
    /// Each source with its flag.
    pub(crate) fn sources(&self) -> [(&'static str, &Option<String>); 3] {
        [
            ("--also-endpoint", &self.also_endpoint),
            ("--also-stage", &self.also_stage),
            ("--also-domain", &self.also_domain),
        ]
    }

    /// Whether there is a second environment.
    pub(crate) fn is_given(&self) -> bool {
        self.sources().iter().any(|(_, value)| value.is_some())
    }
}
