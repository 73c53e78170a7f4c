//! What a user would write over `reqwest` and `serde_json`.

use super::server::Server;
use crate::decode::peer::{Page, Person};
use crate::failure::Failure;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The same request as the SDK's last one.
pub(super) struct Peer {
    client: reqwest::Client,
    url: String,
    body: Body,
}

#[derive(Serialize, Deserialize)]
struct Body {
    #[serde(rename = "operationName")]
    operation_name: String,
    query: String,
    variables: Value,
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    people: Page<Person>,
}

impl Peer {
    pub(super) fn new(server: &Server) -> Result<Self, Failure> {
        let body = serde_json::from_slice(&server.asked())?;
        Ok(Self { client: reqwest::Client::new(), url: server.url.clone(), body })
    }

    /// What it sends, as bytes.
    pub(super) fn sent(&self) -> Vec<u8> {
        serde_json::to_vec(&self.body).unwrap_or_default()
    }

    pub(super) async fn ask(&self) -> Result<Vec<Person>, Failure> {
        let request = self
            .client
            .post(&self.url)
            .bearer_auth("token")
            .header("x-xurrent-account", "wdc")
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&self.body)?);
        let answer = request.send().await?.error_for_status()?.bytes().await?;
        let answer: Answer = serde_json::from_slice(&answer)?;
        Ok(answer.data.people.nodes)
    }
}
