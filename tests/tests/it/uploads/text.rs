//! Texts with files that are uploaded with them.

use crate::sandboxed::{client, with};
use serde_json::json;
use xurrent::{InlineImage, NoteCreateInput, RichTextDraft, Upload};
use xurrent_sandbox::{Fault, Storage};

#[tokio::test]
async fn a_text_and_its_files_are_uploaded_in_one_step() {
    let (sandbox, client) = client().await;
    let request = client.requests().first().await.unwrap().unwrap();
    let draft = RichTextDraft::new("Look: ")
        .image_with(Upload::bytes("screen.png", "1"), "width=200")
        .text(" and ")
        .attach(Upload::reader("server.log", &b"22"[..]))
        .image(Upload::bytes("other.png", "333"));
    let (text, attachments) = draft.upload(&client).await.unwrap().into_parts();
    let keys: Vec<String> = InlineImage::find(&text).iter().map(|image| image.key.to_owned()).collect();
    assert!(keys.len() == 2 && keys[0].ends_with("/screen.png") && keys[1].ends_with("/other.png"), "{text}");
    assert_eq!(text, format!("Look: ![]({}){{:width=200}} and ![]({})", keys[0], keys[1]));
    let note = NoteCreateInput::new(&request.id, text).attachments(attachments);
    let note = client.note_create(note).await.unwrap().note.unwrap();
    let query = "query($id: ID!) { node(id: $id) { ... on Note { textAttachments { nodes { filename inline size } } } } }";
    let data = client.raw(query, json!({"id": note.id})).await.unwrap().to_value();
    let expected = json!([
        {"filename": "screen.png", "inline": true, "size": 1},
        {"filename": "server.log", "inline": false, "size": 2},
        {"filename": "other.png", "inline": true, "size": 3},
    ]);
    assert_eq!(data["node"]["textAttachments"]["nodes"], expected);
    assert_eq!(sandbox.uploads().len(), 3);
}

#[tokio::test]
async fn an_image_that_would_break_the_text_is_rejected_before_sending() {
    let (sandbox, client) = client().await;
    for draft in [
        RichTextDraft::new("").image(Upload::bytes("screen shot.png", "1")),
        RichTextDraft::new("").attach(Upload::bytes("a.txt", "1")).image(Upload::bytes("a(1).png", "1")),
        RichTextDraft::new("`open").text(" `` ` ![](").image(Upload::bytes("a`.png", "1")),
        RichTextDraft::new("```\n").image(Upload::bytes("a.png", "1")),
        RichTextDraft::new("").image_with(Upload::bytes("a.png", "1"), "}"),
        RichTextDraft::new("").attach(Upload::bytes("a/b.txt", "1")),
    ] {
        let error = draft.upload(&client).await.unwrap_err();
        assert!(error.is_configuration(), "{error}");
    }
    assert!(sandbox.requests().is_empty());
    let renamed = Upload::bytes("screen shot.png", "1").file_name("screen-shot.png");
    let text = RichTextDraft::new("").image(renamed).upload(&client).await.unwrap();
    assert!(text.markdown().ends_with("/screen-shot.png)"), "{}", text.markdown());
}

#[tokio::test]
async fn one_failed_file_ends_all_uploads() {
    let (sandbox, client) = with(|it| it.storage(Storage::s3().allowed_extensions(["txt"]))).await;
    let files = (0..20).map(|number| Upload::bytes(format!("{number}.txt"), "x"));
    let draft = files.fold(RichTextDraft::new(""), RichTextDraft::attach);
    sandbox.faults([Fault::status(400).on_upload()]);
    let error = draft.attach(Upload::bytes("a.exe", "x")).upload(&client).await.unwrap_err();
    assert!(error.status() == Some(400), "{error}");
    assert!(sandbox.uploads().len() < 20);
    // And the client goes on.
    let files = (0..20).map(|number| Upload::bytes(format!("{number}.txt"), "x"));
    let text = files.fold(RichTextDraft::new(""), RichTextDraft::attach).upload(&client).await.unwrap();
    let attachments = serde_json::to_value(text.attachments()).unwrap();
    for (number, attachment) in attachments.as_array().unwrap().iter().enumerate() {
        assert!(attachment["key"].as_str().unwrap().ends_with(&format!("/{number}.txt")), "{attachment}");
    }
}
