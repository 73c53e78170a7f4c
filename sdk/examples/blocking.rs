//! A script without `async`: closes the requests that it has created.
//!
//! ```text
//! cargo xtask sandbox
//! cargo run --features blocking --example blocking
//! ```
//!
//! `ClientBuilder::from_env` has the variables for the account; the sandbox prints its own.

use xurrent::blocking::Client;
use xurrent::{
    Id, PersonFilter, RequestCategory, RequestCompletionReason, RequestCreateInput, RequestStatus,
    RequestUpdateInput,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let me = client.me().send()?.ok_or("the token belongs to nobody")?;
    println!("I am {}", me.name.as_deref().unwrap_or("somebody"));

    let enabled = client.people().filter(PersonFilter::new().disabled(false));
    println!("{} people", enabled.clone().count()?);
    for person in enabled.limit(5).stream() {
        println!("  {}", person?.name.as_deref().unwrap_or("somebody"));
    }

    let mut ids: Vec<Id> = Vec::new();
    for subject in ["Replace the toner", "Order paper"] {
        let input = RequestCreateInput::new().category(RequestCategory::Incident).subject(subject);
        let input = input.requested_for_id(&me.id).requested_by_id(&me.id);
        let request = client.request_create(input).send()?.request.ok_or("no request")?;
        println!("Created request {}", request.id);
        ids.push(request.id);
    }

    let close = |id| {
        let input = RequestUpdateInput::new(id).status(RequestStatus::Completed).note("Done.");
        client.request_update(input.completion_reason(RequestCompletionReason::Solved))
    };
    for (index, result) in client.batch_all(ids.iter().map(close)) {
        result?;
        println!("closed {}", ids[index]);
    }
    Ok(())
}
