//! Saleor: connections with `edges` only, errors of payloads in `errors { field message code }`.

mod every_query;
use foreign_saleor as sdk;

use sdk::{AccountRegisterInput, Client, ErrorKind, Id, Select, TranslatableKinds};

#[derive(Debug, Select)]
#[select(on = TranslatableItem, crate = foreign_saleor)]
enum Translatable {
    ProductTranslatableContent(Content),
    #[select(other)]
    Other(String),
}

#[derive(Debug, Select)]
#[select(on = ProductTranslatableContent, crate = foreign_saleor)]
struct Content {
    id: Id,
    name: String,
}

#[tokio::main]
async fn main() -> sdk::Result<()> {
    let endpoint = std::env::var("ENDPOINT").unwrap_or_default();
    let client = Client::builder().endpoint(endpoint).personal_access_token("made-up").build()?;
    let mut calls = every_query::every_query(&client).await;

    let mut products = client.products().page_size(2).stream();
    let mut ids = Vec::new();
    while let Some(product) = products.try_next().await? {
        ids.push(product.id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 7, "each record once");
    assert_eq!(client.products().count().await?, 7);

    let page = client.products().page_size(3).pages().try_next().await?.expect("a page");
    let rest = client.products().after(page.end_cursor.expect("a cursor")).all().await?;
    assert_eq!((page.nodes.len(), rest.len()), (3, 4));

    let items = client.translations(TranslatableKinds::Product).select::<Translatable>().page_size(4).all().await?;
    let content = items.iter().find_map(|item| match item {
        Translatable::ProductTranslatableContent(content) => Some(content),
        Translatable::Other(_) => None,
    });
    let content = content.expect("the translatable content of a product");
    assert!(content.id.as_str().starts_with("ProductTranslatableContent/"));
    assert_eq!(content.name, "made up");
    assert!(items.iter().any(|item| matches!(item, Translatable::Other(name) if name == "CollectionTranslatableContent")));

    let register = |name: &str| {
        client.account_register(AccountRegisterInput::new("ada@example.com", "secret").first_name(name))
    };
    assert!(register("Ada").await?.user.is_some());
    let error = register("refused").await.expect_err("errors in the payload");
    assert_eq!(error.kind(), ErrorKind::Payload);
    let [reason] = error.errors() else { panic!("one reason: {error:#}") };
    assert_eq!((reason.message.as_str(), reason.path.as_slice()), ("name is not accepted", &["name".to_owned()][..]));
    assert!(reason.code.is_some());

    calls += 7;
    println!("{calls}");
    Ok(())
}
