//! First steps, against the sandbox or against an account of yours.
//!
//! Without an account, in two terminals:
//!
//! ```text
//! cargo xtask sandbox
//! cargo run --example quickstart
//! ```
//!
//! With one, set `XURRENT_ACCOUNT`, `XURRENT_STAGE` (`production`, `qa` or `demo`) and `XURRENT_TOKEN` (a
//! personal access token): `ClientBuilder::from_env` has all variables. The last step creates a request
//! there.

use std::process::ExitCode;
use xurrent::{
    Client, ErrorKind, Person, PersonFilter, PersonOrder, PersonOrderField, PersonView, RequestCategory,
    RequestCreateInput,
};

#[tokio::main]
async fn main() -> ExitCode {
    match first_steps().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            if error.kind() == ErrorKind::Transport {
                eprintln!("Is the sandbox running? Start it with `cargo xtask sandbox`.");
            }
            ExitCode::FAILURE
        }
    }
}

async fn first_steps() -> xurrent::Result<()> {
    let client = connect()?;

    // One record. Fields that the schema allows to be null are options.
    let Some(me) = client.me().await? else {
        println!("The token belongs to nobody.");
        return Ok(());
    };
    println!("I am {}", name(&me));

    // A record that another one refers to. The type of the reference says what it is.
    if let Some(organization) = &me.organization
        && let Some(organization) = client.get(organization).await?
    {
        println!("and work for {}", organization.name.as_deref().unwrap_or("nobody"));
    }

    // A list. Filters, views and orders are types of the schema: a typing mistake does not compile.
    let mut people = client
        .people()
        .view(PersonView::All)
        .filter(PersonFilter::new().disabled(false))
        .order([PersonOrder::asc(PersonOrderField::Name)])
        .page_size(25)
        .limit(40)
        .stream();
    let mut count = 0;
    while let Some(person) = people.try_next().await? {
        count += 1;
        if count <= 5 {
            println!("  {} <{}>", name(&person), person.primary_email.as_deref().unwrap_or("no address"));
        }
    }
    println!("  and {} more", count.max(5) - 5);

    // A change. What the server refuses comes back as an error with the server's reasons.
    let input = RequestCreateInput::new().category(RequestCategory::Incident);
    match client.request_create(input.clone().subject(" ")).await {
        Ok(_) => println!("A request without a subject was accepted."),
        Err(error) if error.is_payload() => println!("As expected: {error}"),
        Err(error) => return Err(error),
    }
    let input = input.subject("The printer is on fire").requested_for_id(&me.id).requested_by_id(&me.id);
    let payload = client.request_create(input).await?;
    if let Some(request) = payload.request {
        println!("Created request {} ({:?})", request.id, request.status);
    }
    Ok(())
}

fn name(person: &Person) -> &str {
    person.name.as_deref().unwrap_or("somebody")
}

fn connect() -> xurrent::Result<Client> {
    if std::env::var_os("XURRENT_ACCOUNT").is_some() {
        return Client::from_env();
    }
    Client::builder()
        .account("wdc")
        .endpoints("http://127.0.0.1:4010/graphql", "http://127.0.0.1:4010/token")
        .personal_access_token("sandbox-personal-access-token")
        .build()
}
