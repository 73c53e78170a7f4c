//! The account and the credentials that a sandbox has by default.

/// The default account id of a sandbox.
pub const DEMO_ACCOUNT: &str = "wdc";

/// The default personal access token of a sandbox.
pub const DEMO_TOKEN: &str = "sandbox-personal-access-token";

/// The default OAuth client id of a sandbox.
pub const DEMO_CLIENT_ID: &str = "sandbox-client-id";

/// The secret of [`DEMO_CLIENT_ID`].
pub const DEMO_CLIENT_SECRET: &str = "sandbox-client-secret";

/// The origin of URLs where there is no socket.
pub(crate) const NO_ORIGIN: &str = "https://sandbox.invalid";
