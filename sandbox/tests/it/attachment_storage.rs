//! The attachment storage: accepted and refused uploads.

use crate::raw_http::{HttpResponse, call};
use serde_json::Value;
use std::time::Duration;
use xurrent_sandbox::{DEMO_ACCOUNT, DEMO_TOKEN, Sandbox, Storage};

/// The parts of a form: names and texts.
type Parts = Vec<(String, String)>;

const STORAGE: &str = r#"{"query":"{ attachmentStorage { uploadUri provider providerParameters sizeLimit allowedExtensions } }"}"#;

async fn start(storage: Storage) -> Sandbox {
    Sandbox::builder().schema_json(crate::schema::schema_json()).storage(storage).start().await.unwrap()
}

fn own() -> Vec<(&'static str, String)> {
    vec![("authorization", format!("Bearer {DEMO_TOKEN}")), ("x-xurrent-account", DEMO_ACCOUNT.to_owned())]
}

/// The storage, and the parts of a form that it takes.
async fn ask(sandbox: &Sandbox) -> (String, Parts) {
    let mut headers = own();
    headers.push(("content-type", "application/json".to_owned()));
    let response = call(&sandbox.graphql_url(), "POST", &headers, STORAGE).await;
    let storage = &response.body["data"]["attachmentStorage"];
    let mut parts = vec![("Content-Type".to_owned(), "text/plain".to_owned())];
    for (name, value) in storage["providerParameters"].as_object().unwrap() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        parts.push((name.clone(), text));
    }
    parts.push(("file".to_owned(), "hello".to_owned()));
    (storage["uploadUri"].as_str().unwrap().to_owned(), parts)
}

fn form(parts: &[(String, String)]) -> String {
    let part = |(name, text): &(String, String)| {
        let file =
            if name == "file" { "; filename=\"dir/a & b.txt\"\r\nContent-Type: text/plain" } else { "" };
        format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--B--\r\n"
}

async fn send(uri: &str, more: &[(&'static str, String)], parts: &[(String, String)]) -> HttpResponse {
    let mut headers = vec![("content-type", "multipart/form-data; boundary=B".to_owned())];
    headers.extend(more.iter().cloned());
    call(uri, "POST", &headers, &form(parts)).await
}

#[tokio::test]
async fn s3_accepts_exactly_the_signed_fields() {
    let sandbox = start(Storage::s3()).await;
    let (uri, parts) = ask(&sandbox).await;
    let response = send(&uri, &[], &parts).await;
    assert_eq!((response.status, response.headers["content-type"].as_str()), (201, "application/xml"));
    assert!(response.text.contains("<Key>attachments/5/000001/a &amp; b.txt</Key>"), "{}", response.text);
    let file = &sandbox.uploads()[0];
    assert_eq!((file.key.as_str(), file.size), ("attachments/5/000001/a & b.txt", 5));
    assert_eq!(file.content.as_deref(), Some(&b"hello"[..]));

    let changed = |change: &dyn Fn(&mut Parts)| {
        let mut parts = parts.clone();
        change(&mut parts);
        parts
    };
    for (what, parts, status, code) in [
        (
            "without a signature",
            changed(&|it| it.retain(|(name, _)| name != "X-Amz-Signature")),
            403,
            "SignatureDoesNotMatch",
        ),
        (
            "without the policy",
            changed(&|it| it.retain(|(name, _)| name != "policy")),
            403,
            "SignatureDoesNotMatch",
        ),
        (
            "without the acl",
            changed(&|it| it.retain(|(name, _)| name != "acl")),
            403,
            "SignatureDoesNotMatch",
        ),
        (
            "another key",
            changed(&|it| it.iter_mut().find(|(name, _)| name == "key").unwrap().1 = "mine".into()),
            403,
            "SignatureDoesNotMatch",
        ),
        (
            "one part too many",
            changed(&|it| it.insert(1, ("a".into(), "b".into()))),
            403,
            "SignatureDoesNotMatch",
        ),
        ("another order", changed(&|it| it.swap(1, 2)), 403, "SignatureDoesNotMatch"),
        ("the type not first", changed(&|it| it.swap(0, 1)), 400, "InvalidArgument"),
        ("no type", changed(&|it| drop(it.remove(0))), 400, "InvalidArgument"),
        ("another type", changed(&|it| it[0].1 = "image/png".into()), 400, "InvalidArgument"),
        ("the file not last", changed(&|it| it.swap(2, 7)), 403, "SignatureDoesNotMatch"),
        ("no file", changed(&|it| drop(it.pop())), 400, "InvalidArgument"),
        (
            "too much before the file",
            changed(&|it| it.insert(1, ("a".into(), "b".repeat(20_000)))),
            400,
            "InvalidArgument",
        ),
    ] {
        let response = send(&uri, &[], &parts).await;
        assert_eq!(response.status, status, "{what}: {}", response.text);
        assert!(response.text.contains(&format!("<Code>{code}</Code>")), "{what}: {}", response.text);
    }
    let response = send(&uri, &own(), &parts).await;
    assert_eq!(response.status, 400);
    assert!(response.text.contains("Only one auth mechanism allowed"), "{}", response.text);
    let response = call(&uri, "GET", &[], "").await;
    assert_eq!(response.status, 405);
    let response = call(&uri, "POST", &[("content-type", "text/plain".to_owned())], "hello").await;
    assert_eq!(response.status, 400);
    assert_eq!(sandbox.uploads().len(), 1);
    let shown = format!("{:?}", sandbox.requests());
    let secret = &parts.iter().find(|(name, _)| name == "X-Amz-Signature").unwrap().1;
    assert!(shown.contains("success_action_status") && !shown.contains(secret), "{shown}");
}

#[tokio::test]
async fn s3_requires_a_content_length() {
    let sandbox = start(Storage::s3()).await;
    let (uri, parts) = ask(&sandbox).await;
    let body = form(&parts);
    let response = tokio::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let (address, _) = uri[7..].split_once('/').unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = "POST /storage HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\
                    content-type: multipart/form-data; boundary=B\r\n\r\n";
        write!(stream, "{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    });
    let response = response.await.unwrap();
    assert!(response.starts_with("HTTP/1.1 411") && response.contains("MissingContentLength"), "{response}");
}

#[tokio::test]
async fn permissions_expire_and_files_have_a_size_limit() {
    let sandbox = start(Storage::s3().permission_lifetime(Duration::ZERO)).await;
    let (uri, parts) = ask(&sandbox).await;
    let response = send(&uri, &[], &parts).await;
    assert_eq!(response.status, 403);
    assert!(response.text.contains("Policy expired"), "{}", response.text);

    let sandbox = start(Storage::s3().size_limit(5).keep_content_up_to(4)).await;
    let (uri, mut parts) = ask(&sandbox).await;
    assert_eq!(send(&uri, &[], &parts).await.status, 201);
    let file = &sandbox.uploads()[0];
    assert_eq!((file.size, &file.content, file.hash), (5, &None, xurrent_sandbox::content_hash(b"hello")));
    parts.last_mut().unwrap().1 = "hello!".to_owned();
    let response = send(&uri, &[], &parts).await;
    assert!(
        response.status == 400 && response.text.contains("<Code>EntityTooLarge</Code>"),
        "{}",
        response.text
    );
}

#[tokio::test]
async fn local_storage_requires_credentials() {
    let sandbox = start(Storage::local()).await;
    let (uri, parts) = ask(&sandbox).await;
    assert_eq!(send(&uri, &[], &parts).await.status, 401);
    let stranger = [("authorization", "Bearer other".to_owned()), ("x-xurrent-account", "wdc".to_owned())];
    assert_eq!(send(&uri, &stranger, &parts).await.status, 401);
    assert_eq!(send(&uri, &own()[..1], &parts).await.status, 400);
    let response = send(&uri, &own(), &parts).await;
    assert_eq!(
        (response.status, &response.body["key"]),
        (200, &Value::from("attachments/5/000001/a & b.txt"))
    );
    assert!(sandbox.uploads().len() == 1);

    let sandbox = start(Storage::none()).await;
    let mut headers = own();
    headers.push(("content-type", "application/json".to_owned()));
    let response = call(&sandbox.graphql_url(), "POST", &headers, STORAGE).await;
    assert_eq!(response.body["data"]["attachmentStorage"], Value::Null);
    assert_eq!(
        send(
            &uri.replace(
                uri[7..].split('/').next().unwrap(),
                &sandbox.graphql_url()[7..].replace("/graphql", "")
            ),
            &own(),
            &parts
        )
        .await
        .status,
        404
    );
}
