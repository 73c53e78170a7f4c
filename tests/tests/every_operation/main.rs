//! Every query and every mutation through its typed function, over a real socket; every field of
//! every value that comes back compared with the raw answer. The same run again, and everything
//! that can fail, with all logs collected: no secret may be in them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp, clippy::too_many_lines, missing_docs)]

mod check;
mod leaks;
#[path = "../raw/mod.rs"]
mod raw;
mod secrets;

use check::Check;
use raw::{Raw, assert_keys, coverage};
use serde_json::Value;
use xurrent::OpenEnum;

include!(concat!(env!("OUT_DIR"), "/every_operation.rs"));

pub(crate) async fn call_all(check: &Check) {
    all_queries(check).await;
    all_nodes(check).await;
    all_mutations(check).await;
}

#[tokio::test]
async fn every_operation_gives_what_the_server_sent() {
    call_all(&Check::new().await).await;
    let sent = include_str!(concat!(env!("OUT_DIR"), "/every_operation.rs"));
    assert!(
        sent.contains("/// 77 calls.") && sent.contains("/// 153 calls."),
        "all root fields but `node` are called"
    );

    // Every type of field was seen with a value, and every one that is not a type of the schema
    // also with null. Discovery answers with a query to poll, never with the records themselves.
    let coverage = coverage();
    assert!(coverage.len() > 100, "{}", coverage.len());
    let mut never = Vec::new();
    for (ty, seen) in &coverage {
        if !seen.value && !ty.ends_with("Vec<xurrent::generated::configuration_item::ConfigurationItem>>") {
            never.push(format!("{ty} with a value"));
        }
        if !seen.null && ty.contains("Option<") && !ty.contains("xurrent::generated") {
            never.push(format!("{ty} with null"));
        }
    }
    assert!(never.is_empty(), "never seen: {never:#?}");
}
