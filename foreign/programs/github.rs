//! GitHub: connections with `nodes` and `edges`, no errors in payloads.

mod every_query;
use foreign_github as sdk;

use sdk::{AddStarInput, Client, ErrorKind, Id, SearchType, Select, User};

#[derive(Debug, Select)]
#[select(on = SearchResultItem, crate = foreign_github)]
enum Found {
    Issue(Issue),
    Repository(Repository),
    #[select(other)]
    Other(String),
}

#[derive(Debug, Select)]
#[select(on = Issue, crate = foreign_github)]
struct Issue {
    number: i64,
    title: String,
    #[select(first = 2)]
    labels: Option<Vec<Label>>,
}

#[derive(Debug, Select)]
#[select(on = Label, crate = foreign_github)]
struct Label {
    name: String,
}

#[derive(Debug, Select)]
#[select(on = Repository, crate = foreign_github)]
struct Repository {
    id: Id,
}

#[tokio::main]
async fn main() -> sdk::Result<()> {
    let endpoint = std::env::var("ENDPOINT").unwrap_or_default();
    let client = Client::builder().endpoint(endpoint).personal_access_token("made-up").build()?;
    let mut calls = every_query::every_query(&client).await;

    let mut advisories = client.security_advisories().page_size(2).stream();
    let mut ids = Vec::new();
    while let Some(advisory) = advisories.try_next().await? {
        ids.push(advisory.id);
    }
    assert_eq!(ids.len(), 7);
    ids.dedup();
    assert_eq!(ids.len(), 7, "no record is repeated");
    assert_eq!(client.security_advisories().count().await?, 7);

    let found = client.search("progenitor", SearchType::Issue).select::<Found>().page_size(3).all().await?;
    assert_eq!(found.len(), 7);
    let issue = found.iter().find_map(|found| match found {
        Found::Issue(issue) => Some(issue),
        _ => None,
    });
    let issue = issue.expect("an issue");
    assert_eq!((issue.number, issue.title.as_str()), (42, "made up"));
    assert_eq!(issue.labels.as_ref().map(Vec::len), Some(2));
    assert!(issue.labels.iter().flatten().all(|label| label.name == "made up"));
    assert!(found.iter().any(|it| matches!(it, Found::Repository(repository) if !repository.id.as_str().is_empty())));
    assert!(found.iter().any(|it| matches!(it, Found::Other(name) if name == "Organization")));

    let payload = client.add_star(AddStarInput::new("Repository/any/1")).await?.expect("a payload");
    assert!(payload.starrable.is_some());

    assert!(client.node::<User>("User/any/1").await?.is_some());
    assert!(client.node::<User>("none").await?.is_none());
    let error = client.node::<User>("Gist/any/1").await.expect_err("a gist is no user");
    assert_eq!(error.kind(), ErrorKind::WrongType);

    calls += 7;
    println!("{calls}");
    Ok(())
}
