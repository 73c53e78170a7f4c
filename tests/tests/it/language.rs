//! What is wrong with an input is told in the language that the client asks for.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::{builder, start};
use xurrent::RequestCreateInput;

#[tokio::test]
async fn rejections_are_in_the_language_of_the_client() {
    let sandbox = start(|sandbox| sandbox).await;
    for (language, message) in [
        (None, "Subject cannot be blank"),
        (Some("en"), "Subject cannot be blank"),
        (Some("nl"), "Subject moet opgegeven zijn"),
        (Some("de-CH"), "Subject muss ausgefüllt werden"),
        (Some("fr"), "Subject doit être rempli"),
        (Some("tlh"), "Subject cannot be blank"),
    ] {
        let mut builder = builder(&sandbox);
        if let Some(language) = language {
            builder = builder.language(language);
        }
        let input = RequestCreateInput::new().subject(" ");
        let error = builder.build().unwrap().request_create(input).await.unwrap_err();
        assert!(error.is_payload());
        assert_eq!(error.errors()[0].path, ["subject"]);
        assert_eq!(error.errors()[0].message, message, "{language:?}");
    }
}
