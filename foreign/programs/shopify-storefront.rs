//! Shopify: connections with `nodes`, errors of payloads in `userErrors { field message code }`, where `field` is a path.

mod every_query;
use foreign_shopify_storefront as sdk;

use sdk::{CartCreateArguments, CartInput, Client, ErrorKind, Id, Product, Select};

#[derive(Debug, Select)]
#[select(on = SearchResultItem, crate = foreign_shopify_storefront)]
enum Found {
    Product(ProductLine),
    Article(ArticleLine),
    #[select(other)]
    Other(String),
}

#[derive(Debug, Select)]
#[select(on = Product, crate = foreign_shopify_storefront)]
struct ProductLine {
    id: Id,
    title: String,
    #[select(first = 2)]
    images: Vec<Image>,
}

#[derive(Debug, Select)]
#[select(on = Image, crate = foreign_shopify_storefront)]
struct Image {
    url: String,
}

#[derive(Debug, Select)]
#[select(on = Article, crate = foreign_shopify_storefront)]
struct ArticleLine {
    title: String,
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

    let found = client.search("lamp").select::<Found>().page_size(3).all().await?;
    assert_eq!(found.len(), 7);
    for item in &found {
        match item {
            Found::Product(product) => {
                assert!(product.id.as_str().starts_with("Product/"));
                assert_eq!((product.title.as_str(), product.images.len()), ("made up", 2));
                assert!(product.images.iter().all(|image| image.url == "https://example.com/it"));
            }
            Found::Article(article) => assert_eq!(article.title, "made up"),
            Found::Other(name) => assert_eq!(name, "Page"),
        }
    }

    let product = client.node::<Product>(&ids[0]).await?.expect("a product");
    assert_eq!(product.id, ids[0]);

    let create = |note: &str| client.cart_create().arguments(CartCreateArguments::new().input(CartInput::new().note(note)));
    assert!(create("gift").await?.cart.is_some());
    let error = create("refused").await.expect_err("errors in the payload");
    assert_eq!(error.kind(), ErrorKind::Payload);
    let [reason] = error.errors() else { panic!("one reason: {error:#}") };
    assert_eq!(reason.message, "name is not accepted");
    assert_eq!(reason.path, ["input", "name"]);
    assert!(reason.code.is_some());

    calls += 5;
    println!("{calls}");
    Ok(())
}
