//! The explorer page in headless Chromium: `cargo test -p xurrent-sandbox --test it -- --ignored
//! explorer_in_a_browser`.

use crate::browser::Browser;
use crate::schema::schema_json;
use serde_json::{Value, json};
use xurrent_sandbox::Sandbox;

const QUERY_EDITOR: &str = "document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror";
const HEADER_EDITOR: &str = "document.querySelectorAll('.graphiql-editor-tool .CodeMirror')[1].CodeMirror";
const RESULT: &str = "document.querySelector('.result-window .CodeMirror').CodeMirror.getValue()";

/// Waits for the page and for its schema.
fn loaded(browser: &mut Browser) {
    browser.wait_for(
        "document.querySelector('.graphiql-query-editor .CodeMirror')?.CodeMirror.options.hintOptions?.schema",
    );
    browser.wait_for("document.querySelectorAll('.graphiql-editor-tool .CodeMirror').length == 2");
}

/// Runs the document of the editor and returns the response.
fn run(browser: &mut Browser) -> Value {
    // A click while a request is running stops it.
    browser.wait_for("document.querySelector('.graphiql-execute-button[aria-label^=Execute]')");
    browser.click(".graphiql-execute-button");
    browser.wait_for(&format!("!document.querySelector('.result-window .graphiql-spinner') && {RESULT}"));
    serde_json::from_str(browser.evaluate(RESULT).as_str().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium"]
async fn the_page_completes_runs_and_shows_errors() {
    let sandbox = Sandbox::builder().schema_json(schema_json()).start().await.unwrap();
    let mut browser = Browser::start();
    browser.open(&sandbox.explorer_url());
    loaded(&mut browser);

    // The initial document.
    let response = run(&mut browser);
    assert_eq!(response["data"]["me"]["name"], "Ada Brouwer", "{response}");
    browser.screenshot("explorer", 1280, 800);
    browser.screenshot("explorer-narrow", 420, 800);

    // A field name is completed.
    let place = format!(
        "((editor) => {{ editor.focus(); editor.setCursor({{ line: 4, ch: 100 }});
           editor.replaceSelection('\\n    ') }})({QUERY_EDITOR})"
    );
    browser.evaluate(&place);
    browser.press(["j", "o", "b"]);
    browser.wait_for("document.querySelector('.CodeMirror-hints')?.innerText.includes('jobTitle')");
    browser.screenshot("explorer-completion", 1280, 800);
    browser.press(["Enter"]);
    browser.wait_for("!document.querySelector('.CodeMirror-hints')");
    let document = browser.evaluate(&format!("{QUERY_EDITOR}.getValue()"));
    assert!(document.as_str().unwrap().contains("    jobTitle\n"), "{document}");
    let response = run(&mut browser);
    assert!(response["data"]["me"]["jobTitle"].is_string(), "{response}");

    // The error of an invalid document is the server's.
    browser.evaluate(&format!("{QUERY_EDITOR}.setValue('{{ me {{ nmae }} }}')"));
    let response = run(&mut browser);
    assert!(response["errors"].to_string().contains("does not have a field `nmae`"), "{response}");
    browser.screenshot("explorer-error", 1280, 800);

    // The other examples.
    for (place, operation, field) in
        [(2, "People", "people"), (3, "OpenRequests", "requests"), (4, "CreateRequest", "requestCreate")]
    {
        browser.click(&format!(".graphiql-tab:nth-child({place}) .graphiql-tab-button"));
        browser.wait_for(&format!("{QUERY_EDITOR}.operationName === '{operation}'"));
        let response = run(&mut browser);
        let data = &response["data"][field];
        assert!(response.get("errors").is_none() && data.is_object(), "{response}");
        let records = data.get("nodes").unwrap_or(&data["request"]);
        assert!(records["id"].is_string() || records[0].is_object(), "{response}");
    }

    // The documentation and the settings.
    browser.click(".graphiql-sidebar button[aria-label*=Documentation]");
    browser.wait_for("document.querySelector('.graphiql-doc-explorer')?.innerText.includes('Query')");
    browser.screenshot("explorer-documentation", 1280, 800);
    browser.click(".graphiql-sidebar button[aria-label*=settings]");
    browser.wait_for("document.querySelector('.graphiql-dialog')");
    browser.press(["Escape"]);
    browser.wait_for("!document.querySelector('.graphiql-dialog')");
    assert_eq!(browser.problems(), Vec::<String>::new());

    // Another token.
    let headers = json!({ "Authorization": "Bearer wrong", "X-Xurrent-Account": sandbox.account() });
    browser.evaluate(&format!("{HEADER_EDITOR}.setValue({})", json!(headers.to_string())));
    assert_eq!(run(&mut browser), json!({ "message": "Bad credentials" }));

    // A reloaded page has its documents, which are saved after a moment, and the token of the sandbox again.
    for (name, content) in [("query", "CreateRequest"), ("variables", "incident")] {
        browser.wait_for(&format!("localStorage['graphiql:{name}']?.includes('{content}')"));
    }
    browser.open(&sandbox.explorer_url());
    loaded(&mut browser);
    let response = run(&mut browser);
    assert!(response["data"]["requestCreate"]["request"]["id"].is_string(), "{response}");

    // https.
    browser.open(sandbox.account_url());
    loaded(&mut browser);
    assert_eq!(run(&mut browser)["data"]["me"]["name"], "Ada Brouwer");

    let (http, https) = (sandbox.explorer_url(), format!("{}/", sandbox.account_url()));
    for url in browser.requested() {
        assert!(["data:", &http, &https].iter().any(|start| url.starts_with(start)), "{url}");
    }
    // The page loads nothing that the API would have to answer, such as an icon.
    let requests = sandbox.requests();
    assert!(requests.iter().all(|request| request.path == "/graphql"), "{requests:?}");
}
