//! The language of messages: which requests ask for it, and what is no language.

use super::script::{Script, graphql, json, token};
use xurrent::{Client, ClientBuilder};

fn builder(script: &Script) -> ClientBuilder {
    Client::builder().account("wdc").client_credentials("id", "secret").transport(script.clone())
}

#[tokio::test]
async fn the_language_goes_with_calls_of_the_api_and_no_others() {
    let info = json(200, r#"{"active":true,"scopes":["request:Read"]}"#);
    let script = Script::new([token("t", "3600"), graphql(), graphql(), info]);
    let client = builder(&script).language("nl").build().unwrap();
    client.raw("{ a }", ()).await.unwrap();
    client.raw("mutation { a }", ()).await.unwrap();
    client.check().await.unwrap();
    let sent: Vec<_> = script.sent().iter().map(|sent| sent.header("x-xurrent-language").is_some()).collect();
    assert_eq!(sent, [false, true, true, false]);
    assert_eq!(script.sent()[1].header("x-xurrent-language"), Some("nl"));
}

#[tokio::test]
async fn without_a_language_there_is_no_header() {
    let script = Script::new([token("t", "3600"), graphql()]);
    builder(&script).build().unwrap().raw("{ a }", ()).await.unwrap();
    assert_eq!(script.sent()[1].header("x-xurrent-language"), None);
}

#[test]
fn what_no_header_can_hold_is_a_configuration_error() {
    let script = Script::new([]);
    for (language, part) in [
        ("", "the language is empty"),
        (" ", "the language is empty"),
        ("nl\r\nAuthorization: x", "invalid language"),
        ("nl\0", "invalid language"),
        ("日本語", "invalid language"),
    ] {
        let error = builder(&script).language(language).build().unwrap_err();
        assert!(error.is_configuration());
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(script.sent().is_empty());
}
