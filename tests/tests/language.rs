//! What is wrong with an input is told in the language that the client asks for.

#![allow(clippy::unwrap_used, missing_docs)]

use xurrent::{Client, RequestCreateInput};
use xurrent_sandbox::Sandbox;

#[tokio::test]
async fn refusals_come_in_the_language_of_the_client() {
    let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json")).unwrap();
    let sandbox = Sandbox::builder().schema_json(schema).start().await.unwrap();
    for (language, message) in [
        (None, "Subject cannot be blank"),
        (Some("en"), "Subject cannot be blank"),
        (Some("nl"), "Subject moet opgegeven zijn"),
        (Some("de-CH"), "Subject muss ausgefüllt werden"),
        (Some("fr"), "Subject doit être rempli"),
        (Some("tlh"), "Subject cannot be blank"),
    ] {
        let mut builder = Client::builder()
            .account(sandbox.account())
            .endpoints(sandbox.graphql_url(), sandbox.token_url())
            .personal_access_token(sandbox.token());
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
