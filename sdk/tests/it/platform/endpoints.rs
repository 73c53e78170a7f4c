//! Where an account lives: every stage, every region, and every mistake.

use super::script::{Script, graphql};
use xurrent::{Client, ClientBuilder, Region, Stage};

async fn addresses(place: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<(String, String), String> {
    let script = Script::new([super::script::token("t", "3600"), graphql()]);
    let builder = Client::builder().account("wdc").client_credentials("id", "secret");
    let client = place(builder).transport(script.clone()).build().map_err(|error| {
        assert!(error.is_configuration());
        error.to_string()
    })?;
    client.raw("{ a }", ()).await.unwrap();
    let sent = script.sent();
    Ok((sent[1].uri.clone(), sent[0].uri.clone()))
}

fn pair(domain: &str) -> Result<(String, String), String> {
    Ok((format!("https://graphql.{domain}/"), format!("https://oauth.{domain}/token")))
}

#[tokio::test]
async fn stages_and_regions() {
    assert_eq!(addresses(|it| it.stage(Stage::Production)).await, pair("xurrent.com"));
    assert_eq!(addresses(|it| it.stage(Stage::Qa)).await, pair("xurrent.qa"));
    assert_eq!(addresses(|it| it.stage(Stage::Demo)).await, pair("xurrent-demo.com"));
    for (region, prefix) in [
        (Region::Global, ""),
        (Region::Au, "au."),
        (Region::Ch, "ch."),
        (Region::Uk, "uk."),
        (Region::Us, "us."),
    ] {
        let production = addresses(|it| it.stage(Stage::Production).region(region)).await;
        assert_eq!(production, pair(&format!("{prefix}xurrent.com")));
        assert_eq!(
            addresses(|it| it.stage(Stage::Qa).region(region)).await,
            pair(&format!("{prefix}xurrent.qa"))
        );
        assert_eq!(addresses(|it| it.stage(Stage::Demo).region(region)).await, pair("xurrent-demo.com"));
    }
}

#[tokio::test]
async fn domains_and_endpoints() {
    for old in ["4me.com", "4me.qa", "4me-demo.com", "au.4me.com"] {
        assert_eq!(addresses(|it| it.domain(old)).await, pair(old));
    }
    assert_eq!(addresses(|it| it.domain("my.own-domain.example")).await, pair("my.own-domain.example"));
    assert_eq!(
        addresses(|it| it.endpoints("https://a.example/graphql", "http://127.0.0.1:1/token")).await,
        Ok(("https://a.example/graphql".to_owned(), "http://127.0.0.1:1/token".to_owned()))
    );
    assert_eq!(
        addresses(|it| it.endpoints("http://a.example/", "http://[::1]/token").allow_plain_http()).await,
        Ok(("http://a.example/".to_owned(), "http://[::1]/token".to_owned()))
    );
}

#[tokio::test]
async fn mistakes() {
    for (result, part) in [
        (addresses(|it| it.region(Region::Us)).await, "a region without a stage"),
        (addresses(|it| it.region(Region::Us).domain("a.com")).await, "a region without a stage"),
        (addresses(|it| it.stage(Stage::Qa).domain("a.com")).await, "more than one location"),
        (
            addresses(|it| it.stage(Stage::Qa).endpoints("https://a", "https://b")).await,
            "more than one location",
        ),
        (
            addresses(|it| it.domain("a.com").endpoints("https://a", "https://b")).await,
            "more than one location",
        ),
        (addresses(|it| it.endpoints("https://a", "")).await, "invalid URL"),
        (addresses(|it| it.endpoints("", "https://b/token")).await, "invalid URL"),
        (addresses(|it| it.domain("")).await, "invalid domain"),
        (addresses(|it| it.domain("localhost")).await, "invalid domain"),
        (addresses(|it| it.domain("a.com/evil")).await, "invalid domain"),
        (addresses(|it| it.domain("user@a.com")).await, "invalid domain"),
        (addresses(|it| it.domain("-a.com")).await, "invalid domain"),
        (addresses(|it| it.domain("a..com")).await, "invalid domain"),
        (addresses(|it| it.domain("a.com:8080")).await, "invalid domain"),
        (addresses(|it| it.endpoints("http://a.example/", "https://b")).await, "unencrypted"),
    ] {
        let message = result.unwrap_err();
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
    let nowhere = Client::builder().account("wdc").personal_access_token("t").build().unwrap_err();
    assert!(nowhere.to_string().contains("no location: call `.stage(Stage::Production)`"), "{nowhere}");
}
