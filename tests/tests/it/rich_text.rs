//! Texts with attachments: what is written, what is found in a text, and the way there and back.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::sandboxed::with;
use proptest::prelude::*;
use serde_json::json;
use std::time::{Duration, Instant};
use xurrent::{Attachment, InlineImage, NoteCreateInput, RequestUpdateInput, RichText};
use xurrent_sandbox::SandboxBuilder;

const KEY: &str = "attachments/5fe7/2b/screen shot.png";
const GOOD: &str = "attachments/5fe7/2b/screen-shot[1]_ü!&*.png";

fn keys(text: &str) -> Vec<&str> {
    InlineImage::find(text).into_iter().map(|image| image.key).collect()
}

#[test]
fn text_and_attachments_stay_together() {
    let text = RichText::new("Look: ")
        .inline(GOOD)
        .unwrap()
        .text(" and\n")
        .inline_with("b", "width=200 .left")
        .unwrap()
        .attach("c")
        .attach("b")
        .attach("c")
        .inline(GOOD)
        .unwrap();
    assert_eq!(text.markdown(), format!("Look: ![]({GOOD}) and\n![](b){{:width=200 .left}}![]({GOOD})"));
    let input = NoteCreateInput::new("1", text.markdown()).attachments(text.attachments());
    let sent = serde_json::to_value(&input).unwrap();
    let expected = json!([{"key": GOOD, "inline": true}, {"key": "b", "inline": true}, {"key": "c"}]);
    assert_eq!(sent["attachments"], expected);
    assert_eq!(keys(text.markdown()), [GOOD, "b", GOOD]);

    // Any other pair of fields takes the same.
    let text = RichText::new("").attach("c");
    let input = RequestUpdateInput::new("1").internal_note(text.markdown());
    let input = input.internal_note_attachments(text.attachments());
    assert_eq!(
        serde_json::to_value(&input).unwrap(),
        json!({"id": "1", "internalNote": "", "internalNoteAttachments": [{"key": "c"}]})
    );
}

#[test]
fn a_key_that_breaks_the_markdown_is_rejected() {
    for key in [
        "",
        " ",
        KEY,
        "a)",
        "a(1).png",
        "a\tb",
        "a\nb",
        "a\u{a0}b",
        "a\\b",
        "<a>",
        "a`b",
        "https://host/a",
        "//host/a",
    ] {
        let error = RichText::new("x").inline(key).unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(&format!("{key:?}")), "{error}");
        assert!(RichText::new("x").inline_with(key, "a=b").is_err());
    }
    for attributes in ["a}", "{", "a\nb"] {
        assert!(RichText::new("").inline_with("key", attributes).is_err());
    }
    for before in ["ends with \\", "open `code ", "```\nopen block\n"] {
        let text = RichText::new(before).inline("key");
        assert_eq!(text.is_ok(), !keys(&format!("{before}![](key)")).is_empty(), "{before}");
    }
    assert!(RichText::new("\\").inline("key").is_err());
    assert!(RichText::new("```\n").inline("key").is_err());
}

#[test]
fn images_are_found_as_in_markdown() {
    for (text, expected) in [
        ("![](a)", vec!["a"]),
        ("x ![](a)![](b)\n\n![alt \\] text](c/d.png)", vec!["a", "b", "c/d.png"]),
        ("![](a){:width=1} ![](b){: .x #y} ![](c) {:no}", vec!["a", "b", "c"]),
        ("![]( a ) ![](b \"title\") ![](c 'ti(t)le' ) ![](<d e>)", vec!["a", "b", "c", "d e"]),
        ("![](a(1).png) ![](b)) ![](c", vec!["a(1).png", "b"]),
        // Links, and images that live elsewhere.
        ("[](a) [x](b) ! [](c) [![](d)](e)", vec!["d"]),
        (
            "![](https://h/a.png) ![](HTTP://h) ![](//h/a) ![](data:image/png;base64,AA) ![](cid:1) ![](k)",
            vec!["k"],
        ),
        // Escapes and code.
        ("\\![](a) \\\\![](b) !\\[](c) ![\\](d)", vec!["b"]),
        ("`![](a)` ``![](b)` ![](c)`` ![](d) ` ![](e)", vec!["d", "e"]),
        ("```\n![](a)\n```\n![](b)\n~~~ text\n![](c)\n```\n~~~~\n![](d)\n   ```\n![](e)", vec!["b", "d"]),
        ("```not a fence``` ![](a)", vec!["a"]),
        // Not images after all.
        ("![] (a) ![](a b) ![](\"a) ![](a\nb) ![]() ![](<>) ![](<a", vec!["\"a"]),
        ("![![](a)](b) ![](a\\)b) ![", vec!["a"]),
        ("ü![](ü.png)日本語![](本){:ü}", vec!["ü.png", "本"]),
        ("", vec![]),
        ("!", vec![]),
        ("\\", vec![]),
    ] {
        assert_eq!(keys(text), expected, "{text}");
    }
    let text = "a ![x](key){:width=1}!";
    let image = &InlineImage::find(text)[0];
    assert_eq!((image.attributes, &text[image.range.clone()]), (Some("width=1"), "![x](key){:width=1}"));
    assert_eq!(InlineImage::find("![](key){:width\n=1}")[0].attributes, None);
    assert_eq!(InlineImage::find("![](key){:}")[0].attributes, Some(""));
}

/// Each of these once made a naive search start again and again.
#[test]
fn every_text_is_searched_in_linear_time() {
    for part in
        ["![", "![](", "![](<", "![](a \"", "![](a '", "![](a){:", "`", "``` ", "![](a(", "\\", "[", "![]("]
    {
        let text = part.repeat(1 << 20 >> part.len().ilog2());
        let started = Instant::now();
        let _ = InlineImage::find(&text);
        assert!(started.elapsed() < Duration::from_secs(20), "{part}: {:?}", started.elapsed());
    }
    let runs: String = (1..1_500).map(|length| "`".repeat(length) + " ").collect();
    let started = Instant::now();
    assert!(keys(&(runs + "![](a)")) == ["a"]);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn any_text_can_be_searched(text in any::<String>(), more in "[!\\[\\](){}:<>\"'`~\\\\ \na\u{e9}]{0,60}") {
        for text in [&text, &more] {
            let mut end = 0;
            for image in InlineImage::find(text) {
                prop_assert!(image.range.start >= end && text[image.range.clone()].starts_with("!["));
                prop_assert!(text[image.range.clone()].contains(image.key));
                end = image.range.end;
            }
        }
    }

    /// Whatever is accepted is found again, by its key, at its place.
    #[test]
    fn written_images_are_found(before in "[!\\[\\](){}:`~\\\\ \na]{0,20}", key in "[a-z/.:()\\[\\]<>!\\\\\"' `é]{0,12}", attributes in "[a-z= .#]{0,8}") {
        if let Ok(text) = RichText::new(before.clone()).inline_with(&key, &attributes) {
            let images = InlineImage::find(text.markdown());
            let image = images.last().unwrap();
            prop_assert_eq!(image.key, &key);
            prop_assert_eq!(image.attributes, Some(attributes.as_str()));
            prop_assert_eq!(image.range.clone(), before.len()..text.markdown().len());
        }
    }
}

#[tokio::test]
async fn there_and_back() {
    let uploaded =
        |it: SandboxBuilder| it.uploaded(GOOD, "shot.png", 1).uploaded("logs/server.log", "a.log", 2);
    let (_sandbox, client) = with(uploaded).await;
    let request = client.requests().first().await.unwrap().unwrap();
    let text = RichText::new("Look: ")
        .inline_with(GOOD, "width=200")
        .unwrap()
        .text(" ![](https://example.com/logo.png) ![](no/such/key)")
        .attach("logs/server.log");
    let input = NoteCreateInput::new(&request.id, text.markdown()).attachments(text.attachments());
    let note = client.note_create(input).await.unwrap().note.unwrap();

    let document = "query($id: ID!) { node(id: $id) { ... on Note { textAttachments { nodes {
        expiringUrl filename id inline key size } } } } }";
    let data = client.raw(document, json!({"id": note.id})).await.unwrap().to_value();
    let nodes = data["node"]["textAttachments"]["nodes"].clone();
    let attachments: Vec<Attachment> = serde_json::from_value(nodes).unwrap();
    assert_eq!(attachments.len(), 2);
    let images = InlineImage::find(note.text.as_deref().unwrap());
    assert_eq!(images.len(), 2);
    let shown = images[0].attachment(&attachments).unwrap();
    assert_eq!((shown.key.as_deref(), shown.inline), (Some(GOOD), Some(true)));
    assert!(shown.expiring_url.is_some());
    assert!(images[1].attachment(&attachments).is_none(), "a key that nothing was uploaded under");
    assert_eq!(attachments.iter().filter(|file| file.inline == Some(true)).count(), 1);
}
