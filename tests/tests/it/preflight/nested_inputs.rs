//! Inputs inside an input that is listed.

use super::edited::{Edited, named, non_null};
use super::{edited, problems};
use xurrent::preflight::{FindingKind, PreflightReport};
use xurrent::{AttachmentInput, RequestUpdateInput, TagInput};

/// A server that has no field `size` of attachments, and needs a colour of tags.
fn newer(schema: Edited) -> Edited {
    schema
        .remove("inputFields", "AttachmentInput.size")
        .input_field("TagInput", "colour", non_null(named("SCALAR", "String")))
        .input_field("TagInput", "name", non_null(named("SCALAR", "String")))
}

fn notes(report: &PreflightReport) -> Vec<(FindingKind, String)> {
    report.notes.iter().map(|note| (note.kind, note.to_string())).collect()
}

#[tokio::test]
async fn differences_of_inputs_that_need_not_be_given_are_notes_and_cost_no_request_more() {
    let (sandbox, client) = edited(newer).await;
    let report = client.preflight::<RequestUpdateInput>().await.unwrap();
    assert_eq!(sandbox.requests().len(), 2);
    let found = notes(&report);
    let expected = [
        (
            FindingKind::Field,
            "`RequestUpdateInput` (`AttachmentInput.size`) is unknown: `AttachmentInput` has no field `size`",
        ),
        (
            FindingKind::Required,
            "`RequestUpdateInput` (`TagInput.name`) is required: its type is `String!`, was `String`",
        ),
        (
            FindingKind::Required,
            "`RequestUpdateInput` (`TagInput.colour`) is required and not given: its type is `String!`",
        ),
    ];
    assert_eq!(found, expected.map(|(kind, text)| (kind, text.to_owned())));
}

#[tokio::test]
async fn an_input_that_is_listed_as_well_has_problems() {
    let (_sandbox, client) = edited(newer).await;
    let error = client.preflight::<(RequestUpdateInput, TagInput)>().await.unwrap_err();
    let report = error.preflight().unwrap();
    let paths = |list: &[xurrent::preflight::Finding]| {
        list.iter().map(|found| (found.rust.clone(), found.path.clone())).collect::<Vec<_>>()
    };
    let at = |rust: &str, path: &str| (rust.to_owned(), path.to_owned());
    assert_eq!(paths(&report.problems), [at("TagInput", "TagInput.name"), at("TagInput", "TagInput.colour")]);
    assert_eq!(paths(&report.notes), [at("RequestUpdateInput", "AttachmentInput.size")]);
}

#[tokio::test]
async fn a_call_is_compared_with_the_nested_inputs_that_it_sends() {
    let (_sandbox, client) = edited(newer).await;
    let input = RequestUpdateInput::new("1").subject("new");
    let report = client.request_update(input.clone()).preflight().await.unwrap();
    assert_eq!(notes(&report), []);
    let attachment = AttachmentInput::new("key").inline(true);
    let input = input.note_attachments([attachment.clone()]);
    client.request_update(input.clone()).preflight().await.unwrap();
    let input = input.note_attachments([attachment.size(5)]).new_tags([TagInput::new().name("new")]);
    let found = problems(client.request_update(input).preflight().await);
    let paths: Vec<_> = found.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(paths, [FindingKind::Field, FindingKind::Required], "{found:#?}");
    assert!(found[0].1.contains("AttachmentInput.size"), "{found:#?}");
    assert!(found[1].1.contains("TagInput.colour"), "{found:#?}");
}
