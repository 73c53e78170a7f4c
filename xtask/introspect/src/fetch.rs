//! Asking the server.

use crate::access::Access;
use crate::canonical::Unusable;
use crate::error::Error;
use crate::query::{Inputs, document};
use serde_json::{Value, json};
use std::error::Error as _;
use std::time::Duration;
use xurrent_runtime::{Client, ErrorKind, Json};

/// Asks for the schema: one request, two where the server cannot tell about deprecated arguments,
/// and one more for a token where client credentials are given.
///
/// # Errors
/// [`Error::Usage`] when the address or the account is not usable, [`Error::Call`] when the server
/// does not answer within `patience`, refuses, or answers something else than GraphQL.
pub async fn fetch(access: &Access, patience: Duration) -> Result<Value, Error> {
    let client = access.client()?;
    let answer = match tokio::time::timeout(patience, ask(&client)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(failure(access, &error)),
        Err(_) => {
            return Err(Error::Call {
                host: access.host(),
                reason: format!("no whole answer within {} s", patience.as_secs_f64()),
                advice: "try again when the server is less busy".to_owned(),
            });
        }
    };
    let data = answer.parse::<Value>();
    data.map_err(|source| Error::Answer { host: access.host(), source: Unusable::Shape(source) })
}

async fn ask(client: &Client) -> xurrent_runtime::Result<Json> {
    let query = |inputs| client.raw(document(inputs), json!({})).operation_name("Introspection").send();
    match query(Inputs::WithDeprecated).await {
        Err(error) if refuses_deprecated(&error) => query(Inputs::Plain).await,
        answer => answer,
    }
}

/// Whether the server says that it does not know what is asked about arguments and input fields.
/// Some servers answer documents they refuse with status 400, so the status does not decide.
fn refuses_deprecated(error: &xurrent_runtime::Error) -> bool {
    let text = error.to_string();
    matches!(error.kind(), ErrorKind::GraphQl | ErrorKind::Status)
        && ["includeDeprecated", "isDeprecated", "deprecationReason"].iter().any(|name| text.contains(name))
}

fn failure(access: &Access, error: &xurrent_runtime::Error) -> Error {
    // The error shows its own cause; what lies below says why a connection failed.
    let mut reason = error.to_string();
    let mut cause = error.source().and_then(std::error::Error::source);
    while let Some(below) = cause {
        let text = below.to_string();
        if !reason.contains(&text) {
            reason = format!("{reason}: {text}");
        }
        cause = below.source();
    }
    let reason = access.without_secrets(reason);
    if error.is_configuration() {
        return Error::Usage(reason);
    }
    Error::Call { host: access.host(), advice: advice(access, error, &reason), reason }
}

fn advice(access: &Access, error: &xurrent_runtime::Error, reason: &str) -> String {
    let account = access.account();
    match (error.kind(), error.status()) {
        (ErrorKind::Unauthorized, _) => format!(
            "check XURRENT_TOKEN or --token (or the client credentials): it must be valid for the account \
             `{account}` on this stage"
        ),
        (ErrorKind::CredentialsRefused, _) => {
            "check XURRENT_CLIENT_ID and XURRENT_CLIENT_SECRET, and that they are of this stage".to_owned()
        }
        (ErrorKind::TokenService, _) => {
            "try again later; if --token-endpoint was given, check that it issues tokens".to_owned()
        }
        (ErrorKind::Transport | ErrorKind::Timeout, _) if access.place().is_loopback() => {
            "check that the server runs there (`cargo xtask sandbox` starts one), then try again".to_owned()
        }
        (ErrorKind::Transport | ErrorKind::Timeout, _) => {
            "check the address and the network, then try again".to_owned()
        }
        (ErrorKind::Status, _) if reason.to_ascii_lowercase().contains("account") => format!(
            "check --account or XURRENT_ACCOUNT: `{account}` must be an account id of this stage and region"
        ),
        (ErrorKind::RateLimited, _) | (ErrorKind::Status, Some(500..)) => {
            "wait a while, then try again".to_owned()
        }
        (ErrorKind::Status, _) => {
            "check that the address is a GraphQL endpoint, such as https://graphql.xurrent.com".to_owned()
        }
        (ErrorKind::GraphQl, _) => "check that this user may introspect the schema; a result saved by other \
             means can be used with `cargo xtask regen --schema FILE`"
            .to_owned(),
        _ => "check that the address is a GraphQL endpoint, then try again".to_owned(),
    }
}
