//! Introspection request.

use crate::access::Access;
use crate::error::Error;
use std::time::Duration;
use xurrent_generator::fetch::introspect;
use xurrent_runtime::ErrorKind;

/// Fetches the schema. Sends up to three requests, of which the later ones ask for less, and one for a token if
/// there are client credentials.
///
/// # Errors
/// [`Error::Usage`] when the address or the account is invalid, [`Error::Call`] when the server does
/// not respond within `timeout`, refuses the request, or does not respond in GraphQL.
pub(crate) async fn fetch(access: &Access, timeout: Duration) -> Result<String, Error> {
    let client = access.client()?;
    match tokio::time::timeout(timeout, introspect(&client)).await {
        Ok(response) => response.map_err(|error| failure(access, &error)),
        Err(_) => Err(Error::Call {
            host: access.host.clone(),
            reason: format!("no complete response within {} s", timeout.as_secs_f64()),
            advice: "try again when the server is less busy".to_owned(),
        }),
    }
}

fn failure(access: &Access, error: &xurrent_runtime::Error) -> Error {
    // With its sources, which say why a connection failed.
    let reason = access.redact(format!("{error:#}"));
    if error.is_configuration() {
        return Error::Usage(reason);
    }
    let mut advice = advice(access, error, &reason);
    if access.is_second {
        let advice_of_first = advice.replace(" or --token", "").replace("--account or ", "");
        advice = advice_of_first.replace("XURRENT_", "XURRENT_ALSO_");
    }
    Error::Call { host: access.host.clone(), advice, reason }
}

fn advice(access: &Access, error: &xurrent_runtime::Error, reason: &str) -> String {
    let account = &access.account;
    match (error.kind(), error.status()) {
        (ErrorKind::Unauthorized, _) => format!(
            "check XURRENT_TOKEN or --token (or the client credentials): it must be valid for the account \
             `{account}` on this stage"
        ),
        (ErrorKind::CredentialsRefused, _) => {
            "check XURRENT_CLIENT_ID and XURRENT_CLIENT_SECRET, and that they belong to this stage".to_owned()
        }
        (ErrorKind::TokenService, _) => {
            "try again later; with --token-endpoint, check that it issues tokens".to_owned()
        }
        (ErrorKind::Transport | ErrorKind::Timeout, _) if access.is_loopback => {
            "check that the server is running (`cargo xtask sandbox` starts one), then try again".to_owned()
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
        (ErrorKind::GraphQl, _) => {
            "check that this user may introspect the schema, or pass an introspection result \
             with `cargo xtask regen --schema FILE`"
                .to_owned()
        }
        _ => "check that the address is a GraphQL endpoint, then try again".to_owned(),
    }
}
