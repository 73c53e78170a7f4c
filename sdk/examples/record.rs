//! Records what a server answers to harmless requests: `docs/recording.md` says what for.
//!
//! ```text
//! cargo run --example record -- recording.jsonl [--with-values]
//! ```
//!
//! Set `XURRENT_ACCOUNT`, `XURRENT_STAGE` and `XURRENT_TOKEN` to an account of yours, or nothing for the
//! sandbox. Everything only reads. Values are left out unless they are asked for; secrets always are.

use std::fmt::Debug;
use std::process::ExitCode;
use xurrent::{Client, ClientBuilder, Id, Person, PersonFilter, PersonView, Recording, Request, RetryPolicy};

#[tokio::main]
async fn main() -> ExitCode {
    let (flags, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let with_values = flags.iter().any(|flag| flag == "--with-values");
    if files.len() > 1 || flags.iter().any(|flag| flag != "--with-values") {
        eprintln!("usage: record [FILE] [--with-values]");
        return ExitCode::from(2);
    }
    let file = files.into_iter().next().unwrap_or_else(|| "recording.jsonl".to_owned());
    let recording = Recording::to(&file);
    let recording = if with_values { recording } else { recording.without_values() };
    match connect(recording) {
        Ok(client) => ask(&client).await,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    }
    println!("Recorded to {file}. Read it before you send it to anybody: docs/recording.md says how.");
    ExitCode::SUCCESS
}

fn connect(recording: Recording) -> xurrent::Result<Client> {
    let builder = match std::env::var_os("XURRENT_ACCOUNT") {
        Some(_) => ClientBuilder::from_env(),
        None => Client::builder()
            .account("wdc")
            .endpoints("http://127.0.0.1:4010/graphql", "http://127.0.0.1:4010/token")
            .personal_access_token("sandbox-personal-access-token"),
    };
    builder
        // What a server answers at first is what is to be seen.
        .retry(RetryPolicy::never())
        .recording(recording)
        .build()
}

/// Every request, whatever becomes of the others.
async fn ask(client: &Client) {
    tell("the scopes of the token", client.check().await);

    // Records as this crate asks for them, and two pages that follow each other.
    let me = client.me().await;
    let id = me.as_ref().ok().and_then(|me| me.as_ref()).map(|me| me.id.clone());
    tell("me", me);
    tell("people, two pages", client.people().page_size(5).limit(10).all().await);
    let disabled = PersonFilter::new().disabled(true);
    tell(
        "disabled people",
        client.people().view(PersonView::All).filter(disabled).page_size(2).first().await,
    );
    tell("requests", client.requests().page_size(5).limit(5).all().await);
    tell("teams", client.teams().page_size(5).limit(5).all().await);
    tell("how many people", client.people().count().await);
    tell("the attachment storage", client.attachment_storage().await);
    tell("the rate limit", client.rate_limit().await);

    // Nodes: one there is, as what it is and as what it is not, and one there is not.
    if let Some(id) = id {
        tell("a node", client.node::<Person>(&id).await);
        tell("a node of another type", client.node::<Request>(&id).await);
    }
    let nobody = Id::from("eHVycmVudC9QZXJzb24vOTk5OTk5OTk5OTk5");
    tell("a node that is not there", client.node::<Person>(nobody).await);

    // What is wrong in the document, in a variable and in an argument.
    tell("a field that is not there", client.raw("{ me { noSuchField } }", ()).await);
    tell(
        "a filter that is not there",
        client.raw("{ people(filter: { noSuchFilter: true }) { totalCount } }", ()).await,
    );
    tell("a page that is too large", client.raw("{ people(first: 101) { nodes { id } } }", ()).await);
    tell("a cursor that is none", client.raw("{ people(after: \"no cursor\") { nodes { id } } }", ()).await);
    tell("a document that is none", client.raw("{ me {", ()).await);
}

fn tell<T: Debug>(what: &str, result: xurrent::Result<T>) {
    match result {
        Ok(_) => println!("{what}: answered"),
        Err(error) => println!("{what}: {error:#}"),
    }
}
