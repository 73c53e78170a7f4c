//! The header `Link`, as it should be and as it should not.

use super::*;
use xurrent_webhook::Links;

async fn read(values: &[&str]) -> Links {
    let verifier = Verifier::builder().account_url(ACCOUNT).dangerously_accept_unsigned().build().unwrap();
    let pairs: Vec<_> = values.iter().map(|value| ("link", *value)).collect();
    let json = br#"{"webhook_id":1,"account":"a","event":"ci.update","object_id":2}"#;
    verifier.verify(&headers(&pairs), json).await.unwrap().links
}

fn shown(links: &Links) -> Vec<(&str, &str)> {
    links.iter().map(|link| (link.relation.as_str(), link.uri.as_str())).collect()
}

#[tokio::test]
async fn links_are_read_from_one_header_and_from_several() {
    let expected =
        vec![("canonical", "https://a/1"), ("resource", "https://b/1"), ("related", "https://b/1/2")];
    for values in [
        &[r#"<https://a/1>; rel="canonical", <https://b/1>; rel="resource", <https://b/1/2>; rel="related""#]
            [..],
        &[r#"<https://a/1>;rel=canonical,<https://b/1>;rel=resource"#, r#"<https://b/1/2>; REL=Related"#],
        &[
            r#" , <https://a/1> ; type="a;b, c" ; rel = "canonical" ,, <https://b/1>; rel="resource"; rel="next", <https://b/1/2>; a; rel="related""#,
        ],
    ] {
        assert_eq!(shown(&read(values).await), expected, "{values:?}");
    }
}

#[tokio::test]
async fn several_relations_and_commas_in_addresses_are_read() {
    let links = read(&[
        r#"<https://a/1,2;3>; rel="resource related""#,
        r#"<https://a/4>; title="a \"b\" \\"; rel="related""#,
    ])
    .await;
    assert_eq!(
        shown(&links),
        [("resource", "https://a/1,2;3"), ("related", "https://a/1,2;3"), ("related", "https://a/4")]
    );
    assert_eq!(links.related().collect::<Vec<_>>(), ["https://a/1,2;3", "https://a/4"]);
    assert_eq!(links.of("other").count(), 0);
}

#[tokio::test]
async fn what_is_no_link_gives_no_links_and_no_error() {
    for value in [
        "",
        ",",
        ";",
        "<",
        "<>",
        "<a",
        "a",
        "https://a; rel=canonical",
        "<a>; rel",
        "<a>; rel=",
        "<a>; rel=\"",
        "<a>; rel=\"x",
        "<a>; rel=\"x\\",
        "<a> rel=canonical",
        "<a>;;;",
        "<a>;rel=\"\"",
        "<a>;=canonical",
    ] {
        assert_eq!(shown(&read(&[value]).await), [], "{value}");
    }
    let good = read(&["<a>; rel=canonical, b; rel=resource"]).await;
    assert_eq!(shown(&good), [("canonical", "a")]);
    let mut bytes = HeaderMap::new();
    bytes.append("link", HeaderValue::from_bytes(b"<\xff>; rel=canonical").unwrap());
    let verifier = Verifier::builder().account_url(ACCOUNT).dangerously_accept_unsigned().build().unwrap();
    let json = br#"{"webhook_id":1,"account":"a","event":"ci.update","object_id":2}"#;
    assert_eq!(shown(&verifier.verify(&bytes, json).await.unwrap().links), []);
}
