//! The peer: a client over `reqwest` and `serde_json`.

use super::server::Server;
use crate::decode::peer::{Page, Person};
use crate::error::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A client that repeats the last request of the SDK.
pub(super) struct Peer {
    client: reqwest::Client,
    url: String,
    pub(super) body: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body {
    operation_name: String,
    query: String,
    variables: Value,
}

#[derive(Deserialize)]
struct Response {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    people: Page<Person>,
}

impl Peer {
    pub(super) fn new(server: &Server) -> Result<Self, Error> {
        let body = serde_json::from_slice(&server.last_request())?;
        Ok(Self { client: reqwest::Client::new(), url: server.url.clone(), body })
    }

    pub(super) async fn fetch(&self) -> Result<Vec<Person>, Error> {
        let request = self
            .client
            .post(&self.url)
            .bearer_auth("token")
            .header("x-xurrent-account", "wdc")
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&self.body)?);
        let response = request.send().await?.error_for_status()?.bytes().await?;
        let response: Response = serde_json::from_slice(&response)?;
        Ok(response.data.people.nodes)
    }
}
