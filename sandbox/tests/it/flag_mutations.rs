//! Mutations that set a flag: published, reviewed, visible.

use crate::schema::{engine, run, with};
use serde_json::{Value, json};
use xurrent_sandbox::{Engine, node_id};

fn call(engine: &Engine, name: &str, input_type: &str, result: &str, input: Value) -> Value {
    let query = format!(
        "mutation($i: {input_type}!) {{ {name}(input: $i) {{ {result} errors {{ path message }} }} }}"
    );
    with(engine, &query, json!({ "i": input }))[name].clone()
}

fn ids(engine: &Engine, selection: &str) -> Vec<String> {
    let data = run(engine, &format!("{{ {selection} {{ nodes {{ id }} }} }}"));
    let list = data.as_object().unwrap().values().next().unwrap()["nodes"].as_array().unwrap().clone();
    list.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_app_offering_is_published() {
    let engine = engine();
    let published = |value: bool| {
        let query = "{ appOfferings(view: all) { nodes { id published } } }";
        let data = run(&engine, query);
        let nodes = data["appOfferings"]["nodes"].as_array().unwrap().clone();
        nodes
            .iter()
            .find(|node| node["published"] == value || (!value && node["published"].is_null()))
            .cloned()
    };
    let id = published(false).unwrap()["id"].clone();
    let input = json!({ "id": id });
    let result = "appOffering { id published }";
    let payload = call(&engine, "appOfferingPublish", "AppOfferingPublishMutationInput", result, input);
    assert_eq!(payload["appOffering"], json!({ "id": id, "published": true }));
    let input = json!({ "id": node_id("Team", 1) });
    let payload = call(&engine, "appOfferingPublish", "AppOfferingPublishMutationInput", result, input);
    assert_eq!(payload["errors"][0]["path"], json!(["id"]));
}

#[test]
fn a_reviewed_article_needs_no_review() {
    let engine = engine();
    let before = ids(&engine, "knowledgeArticles(view: needs_review)");
    let result = "knowledgeArticle { id }";
    let input = json!({ "id": before[0] });
    let name = "knowledgeArticleMarkAsReviewed";
    let payload = call(&engine, name, "KnowledgeArticleMarkAsReviewedInput", result, input);
    assert_eq!(payload["knowledgeArticle"]["id"], before[0]);
    assert_eq!(ids(&engine, "knowledgeArticles(view: needs_review)"), before[1..]);
    assert!(ids(&engine, "knowledgeArticles").contains(&before[0]));
}

#[test]
fn a_request_is_hidden_and_shown_again() {
    let engine = engine();
    let visible = |input: Value| {
        call(&engine, "requestUpdateVisibility", "RequestUpdateVisibilityInput", "success", input)
    };
    let id = node_id("Request", 1);
    let is_listed = |view: &str| ids(&engine, &format!("requests(view: {view})")).contains(&id);
    assert!(is_listed("current_account"));
    let hidden = visible(json!({ "id": id, "accountID": "wdc", "visible": false }));
    assert_eq!(hidden, json!({ "success": true, "errors": [] }));
    assert!(!is_listed("current_account") && is_listed("all"));
    visible(json!({ "id": id, "accountID": node_id("Account", 1), "visible": true }));
    assert!(is_listed("current_account"));
    visible(json!({ "id": id, "accountID": "directory", "visible": false }));
    assert!(is_listed("current_account"), "hidden from another account only");
    let refused = visible(json!({ "id": id, "accountID": "nobody", "visible": false }));
    assert_eq!(refused["success"], false);
    assert_eq!(refused["errors"], json!([{ "path": ["accountID"], "message": "Account not found" }]));
}
