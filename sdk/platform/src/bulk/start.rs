//! The response to the request that starts an export or import.

use super::wait::Job;
use crate::rest::json;
use serde::Deserialize;
use xurrent_runtime::send::HttpResponse;
use xurrent_runtime::{Error, ErrorKind, Result};

/// Reads the token of a job that was started.
pub(crate) fn read<T: TryFrom<String, Error = Error>>(job: &Job, response: &HttpResponse) -> Result<T> {
    #[derive(Deserialize)]
    struct Started {
        token: String,
    }
    let token = json(response, job.create).and_then(|started: Started| {
        started.token.try_into().map_err(|_| {
            let message = format!("the response to `{}` has no valid token", job.create);
            Error::new(ErrorKind::Decode, message).with_request_id(response.request_id.as_deref())
        })
    });
    token.map_err(|error| {
        error.with_detail(&format!("; the {} has begun, but cannot be waited for; do not retry", job.name))
    })
}

/// Says whether a job may have begun, where that is in doubt.
pub(crate) fn failed(job: &Job, error: Error) -> Error {
    let is_in_doubt = match error.status() {
        Some(status) => (500..600).contains(&status),
        None => error.has_no_response(),
    };
    match is_in_doubt && !error.is_not_executed() {
        true => error.with_detail(&format!(
            "; it is unknown whether the {} has begun, so it was not started again",
            job.name
        )),
        false => error,
    }
}
