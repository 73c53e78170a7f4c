//! Types of `chrono`, `time` and `jiff` in place of the SDK's own.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::client;
use chrono::{DateTime, FixedOffset, Utc};
use time::{OffsetDateTime, UtcDateTime};
use xurrent::{Client, ErrorKind, MemoryTransport, RequestUpdateInput, Select, Timestamp};
use xurrent_sandbox::node_id;

#[derive(Debug, Select)]
#[select(on = Request)]
struct Times {
    created_at: Option<Timestamp>,
    #[select(rename = "createdAt")]
    chrono: Option<DateTime<Utc>>,
    #[select(rename = "createdAt", required)]
    chrono_offset: DateTime<FixedOffset>,
    #[select(rename = "createdAt")]
    time: Option<OffsetDateTime>,
    #[select(rename = "createdAt")]
    time_utc: Option<UtcDateTime>,
    #[select(rename = "createdAt")]
    jiff: Option<jiff::Timestamp>,
}

#[tokio::test]
async fn values_of_chrono_and_time_are_read_and_sent() {
    let (_sandbox, client) = client().await;
    let times = client.node::<Times>(node_id("Request", 1)).await.unwrap().unwrap();
    let instant = times.created_at.unwrap().instant().unwrap();
    assert_eq!(times.chrono.unwrap().timestamp_nanos_opt(), i64::try_from(instant.as_nanosecond()).ok());
    assert_eq!(Some(times.chrono_offset.to_utc()), times.chrono);
    assert_eq!(times.time.unwrap().unix_timestamp_nanos(), instant.as_nanosecond());
    assert_eq!(times.time_utc.map(OffsetDateTime::from), times.time);
    assert_eq!(times.jiff, Some(instant));

    let later = times.chrono.unwrap() + chrono::Duration::hours(1);
    let input = RequestUpdateInput::new(node_id("Request", 1)).desired_completion_at(later);
    let updated = client.request_update(input).await.unwrap().request.unwrap();
    let desired = updated.desired_completion_at.unwrap().instant().unwrap();
    assert_eq!(i64::try_from(desired.as_nanosecond()).ok(), later.timestamp_nanos_opt());
    let input = RequestUpdateInput::new(node_id("Request", 1)).desired_completion_at(times.time.unwrap());
    let updated = client.request_update(input).await.unwrap().request.unwrap();
    assert_eq!(updated.desired_completion_at.unwrap().instant(), Some(instant));
}

#[tokio::test]
async fn text_in_place_of_a_time_is_an_error_that_names_the_field() {
    #[derive(Debug, Select)]
    #[select(on = Request)]
    struct Target {
        #[allow(dead_code, reason = "never filled")]
        response_target_at: Option<DateTime<Utc>>,
    }
    let answer = serde_json::json!({ "data": { "requests": {
        "pageInfo": { "hasNextPage": false, "endCursor": null },
        "nodes": [{ "response_target_at": "best_effort" }],
    } } });
    let transport = MemoryTransport::new(move |_| answer.clone());
    let client =
        Client::builder().account("wdc").personal_access_token("token").transport(transport).build().unwrap();
    let error = client.requests().select::<Target>().all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("response_target_at: best_effort is not a point in time"), "{error}");
}
