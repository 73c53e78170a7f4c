//! What is sent, where, and what comes of it.

use crate::sandboxed::{builder, client, start, with};
use crate::uploads::scripted::{Scripted, answer, storage};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use xurrent::{
    AttachmentInput, Client, ErrorKind, MemoryTransport, NoteCreateInput, RetryPolicy, Upload, UploadedFile,
};
use xurrent_sandbox::{Fault, Sandbox, Storage, content_hash};

pub(crate) fn stored(sandbox: &Sandbox, key: &str) -> xurrent_sandbox::UploadedFile {
    sandbox.uploads().into_iter().find(|file| file.key == key).unwrap()
}

/// How often the API was asked where files go.
pub(crate) fn asked(sandbox: &Sandbox) -> usize {
    let requests = sandbox.requests();
    requests.iter().filter(|request| request.path == "/graphql").count()
}

#[tokio::test]
async fn paths_bytes_and_readers_arrive_unchanged() {
    let (sandbox, client) = client().await;
    let content: Vec<u8> = (0..200_000_u32).map(|number| number.wrapping_mul(31) as u8).collect();
    let path = std::env::temp_dir().join(format!("xurrent-{}-report.pdf", std::process::id()));
    std::fs::write(&path, &content).unwrap();
    let reader = || std::io::Cursor::new(content.clone());
    for (upload, name, content_type) in [
        (Upload::path(&path).file_name("a.pdf"), "a.pdf", "application/pdf"),
        (Upload::bytes("b & <c> \"ü\".PNG", content.clone()), "b & <c> \"ü\".PNG", "image/png"),
        (Upload::reader("c.csv", reader()).size(200_000), "c.csv", "text/csv"),
        (Upload::reader("d.txt", reader()), "d.txt", "text/plain"),
        (
            Upload::bytes("e.log", content.clone()).content_type("text/x-log; charset=utf-8"),
            "e.log",
            "text/x-log; charset=utf-8",
        ),
    ] {
        let UploadedFile { key, size, name: got, content_type: typed, .. } =
            client.upload(upload).await.unwrap();
        assert_eq!((size, got.as_str(), typed.as_str()), (200_000, name, content_type));
        let file = stored(&sandbox, &key);
        assert_eq!((file.size, file.content_type.as_str()), (200_000, content_type));
        // As browsers write it, which is how storages know it.
        assert_eq!(file.filename, name.replace('"', "%22"));
        assert_eq!(file.content.as_ref(), Some(&content));
        assert_eq!(file.hash, content_hash(&content));
    }
    let unnamed = client.upload(Upload::path(&path)).await.unwrap();
    assert_eq!(Some(unnamed.name.as_str()), path.file_name().unwrap().to_str());
    std::fs::remove_file(&path).unwrap();
    assert_eq!(client.upload(Upload::bytes("empty.txt", "")).await.unwrap().size, 0);
    assert_eq!(client.upload(Upload::reader("empty.txt", tokio::io::empty())).await.unwrap().size, 0);
}

#[tokio::test]
async fn an_unknown_media_type_is_octet_stream() {
    let (_sandbox, client) = with(|it| it.storage(Storage::s3().allowed_extensions([""; 0]))).await;
    for name in ["a.xurrent-unknown", "a", "a."] {
        let file = client.upload(Upload::bytes(name, "x")).await.unwrap();
        assert_eq!(file.content_type, "application/octet-stream", "{name}");
    }
}

#[tokio::test]
async fn a_mutation_takes_the_key() {
    let (_sandbox, client) = client().await;
    let request = client.requests().first().await.unwrap().unwrap();
    let file = client.upload(Upload::bytes("a.txt", "hello")).await.unwrap();
    let input = NoteCreateInput::new(&request.id, "See file.").attachments([AttachmentInput::new(&file.key)]);
    let note = client.note_create(input).await.unwrap().note.unwrap();
    let query = "query($id: ID!) { node(id: $id) { ... on Note { textAttachments { nodes { key filename size } } } } }";
    let data = client.raw(query, json!({"id": note.id})).await.unwrap().to_value();
    let expected = json!([{"key": file.key, "filename": "a.txt", "size": 5}]);
    assert_eq!(data["node"]["textAttachments"]["nodes"], expected);

    let input = NoteCreateInput::new(&request.id, "x").attachments([AttachmentInput::new("never/uploaded")]);
    let error = client.note_create(input).await.unwrap_err();
    assert!(error.is_payload() && error.to_string().contains("attachments.0.key"), "{error}");
}

#[tokio::test]
async fn parts_are_sent_in_the_order_of_the_storage() {
    let server = Scripted::start("s3", []).await;
    *server.parameters.lock().unwrap() =
        r#"{"z": "last?", "key": "a/${filename}", "success_action_status": 201, "b": true, "A": 1.50, "m": "ü\n"}"#
            .to_owned();
    let file = server.client().upload(Upload::bytes("${filename}.txt", "hello")).await.unwrap();
    assert_eq!(file.key, "the/key.txt");
    let seen = &server.seen()[0];
    let boundary = seen.head.split("boundary=").nth(1).unwrap().lines().next().unwrap();
    let part = |name: &str, value: &str| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let expected = [
        part("Content-Type", "text/plain"),
        part("z", "last?"),
        part("key", "a/${filename}"),
        part("success_action_status", "201"),
        part("b", "true"),
        part("A", "1.50"),
        part("m", "ü\n"),
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"${{filename}}.txt\"\r\n\
             Content-Type: text/plain\r\n\r\nhello\r\n--{boundary}--\r\n"
        ),
    ];
    assert_eq!(String::from_utf8(seen.body.clone()).unwrap(), expected.concat());
    let head = seen.head.to_lowercase();
    assert!(head.starts_with("post /up?s=query-secret-1 http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("content-length: {}\r\n", seen.body.len())), "{head}");
    // Nothing of the account's goes to a bucket.
    for no in ["authorization", "x-xurrent", "transfer-encoding", "token-51c7f2a0"] {
        assert!(!head.contains(no), "{no} in {head}");
    }
}

#[tokio::test]
async fn the_accounts_own_server_receives_the_token() {
    let (sandbox, client) = with(|it| it.storage(Storage::local())).await;
    let file = client.upload(Upload::bytes("a & b.txt", "hello")).await.unwrap();
    assert!(file.key.ends_with("/a & b.txt"), "{}", file.key);
    assert_eq!(stored(&sandbox, &file.key).content.unwrap(), b"hello");
    let request = sandbox.requests().into_iter().find(|request| request.path == "/storage").unwrap();
    let has = |name: &str| request.headers.iter().any(|(known, _)| known == name);
    assert!(has("authorization") && has("x-xurrent-account") && has("content-length"));
}

#[tokio::test]
async fn an_expired_token_is_replaced_for_the_own_server_too() {
    let sandbox = start(|it| it.storage(Storage::local())).await;
    let client = Client::builder()
        .account(sandbox.account())
        .endpoints(sandbox.graphql_url(), sandbox.token_url())
        .client_credentials(sandbox.client_id(), sandbox.client_secret())
        .build()
        .unwrap();
    client.upload(Upload::bytes("a.txt", "1")).await.unwrap();
    sandbox.revoke_tokens();
    client.upload(Upload::bytes("b.txt", "2")).await.unwrap();
    sandbox.revoke_tokens();
    let once = Upload::reader("c.txt", &b"3"[..]).size(1);
    assert_eq!(client.upload(once).await.unwrap_err().kind(), ErrorKind::Unauthorized);
    // What was refused has been forgotten: asking for the storage again replaces the token.
    client.upload(Upload::reader("d.txt", &b"4"[..]).size(1)).await.unwrap();
}

#[tokio::test]
async fn a_failed_token_request_ends_an_upload() {
    let sandbox = start(|it| it.storage(Storage::local())).await;
    let client = Client::builder()
        .account(sandbox.account())
        .endpoints(sandbox.graphql_url(), sandbox.token_url())
        .client_credentials(sandbox.client_id(), sandbox.client_secret())
        .build()
        .unwrap();
    client.upload(Upload::bytes("a.txt", "1")).await.unwrap();
    sandbox.revoke_tokens();
    sandbox.faults((0..9).map(|_| Fault::cut_before().on_token_call()));
    let call = client.upload(Upload::bytes("a.txt", "2")).retry(RetryPolicy::new().max_attempts(2));
    let error = call.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    assert!(sandbox.faults_left() > 4, "not tried without an end");
    assert_eq!(sandbox.uploads().len(), 1);
}

/// A client at the real addresses, whose transport sends nothing.
fn away(answer: serde_json::Value) -> Client {
    let transport = MemoryTransport::new(move |_| answer.clone());
    let client = Client::builder().account("wdc").personal_access_token("t").transport(transport);
    client.endpoints("https://graphql.us.xurrent.com", "https://oauth.us.xurrent.com/token").build().unwrap()
}

#[tokio::test]
async fn files_go_to_https_and_credentials_to_own_servers_only() {
    for (provider, uri, refused) in [
        ("s3", "https://bucket.s3.amazonaws.com/", None),
        ("s3", "http://bucket.s3.amazonaws.com/", Some("not `https`")),
        ("s3", "http://127.0.0.1/", Some("not `https`")),
        ("s3", "ftp://bucket.s3.amazonaws.com/", Some("not `https`")),
        ("s3", "file:///etc/passwd", Some("not `https`")),
        ("s3", "https://user:word@bucket.s3.amazonaws.com/", Some("no user name")),
        ("s3", "bucket", Some("invalid URL")),
        ("s3", "https://127.0.0.1/", Some("no public host name")),
        ("s3", "https://2130706433/", Some("no public host name")),
        ("s3", "https://0x7f.1/", Some("no public host name")),
        ("s3", "https://0.0.0.0/", Some("no public host name")),
        ("s3", "https://10.1.2.3/", Some("no public host name")),
        ("s3", "https://172.16.0.1:9000/", Some("no public host name")),
        ("s3", "https://192.168.1.1/", Some("no public host name")),
        ("s3", "https://169.254.169.254/latest/meta-data/", Some("no public host name")),
        ("s3", "https://[::1]/", Some("no public host name")),
        ("s3", "https://[fe80::1]/", Some("no public host name")),
        ("s3", "https://[fd00::1]/", Some("no public host name")),
        ("s3", "https://[::ffff:127.0.0.1]/", Some("no public host name")),
        ("s3", "https://localhost/", Some("no public host name")),
        ("s3", "https://LOCALHOST./", Some("no public host name")),
        ("s3", "https://bucket.localhost/", Some("no public host name")),
        ("s3", "https://minio/", Some("no public host name")),
        ("s3", "https://metadata.google.internal/", Some("no public host name")),
        ("s3", "https://nas.local/", Some("no public host name")),
        ("local", "https://graphql.us.xurrent.com/attachments", None),
        ("local", "https://wdc.us.xurrent.com/attachments", None),
        ("local", "https://us.xurrent.com/attachments", None),
        ("local", "https://US.Xurrent.com:443/attachments", None),
        ("local", "http://wdc.us.xurrent.com/attachments", Some("not `https`")),
        ("local", "https://wdc.us.xurrent.com:8443/attachments", Some("only to servers of the account")),
        ("local", "https://xurrent.com/attachments", Some("only to servers of the account")),
        ("local", "https://evilus.xurrent.com/attachments", Some("only to servers of the account")),
        ("local", "https://us.xurrent.com.evil.org/attachments", Some("only to servers of the account")),
        ("local", "https://bucket.s3.amazonaws.com/", Some("only to servers of the account")),
        ("azure", "https://wdc.us.xurrent.com/", Some("unknown provider")),
    ] {
        let client = away(storage(provider, json!(uri), 10, &[]));
        let error = client.upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
        let expected = refused.unwrap_or("takes no uploads");
        assert!(error.to_string().contains(expected), "{provider} {uri}: {error}");
        assert_eq!(error.is_upload(), refused.is_some(), "{provider} {uri}: {error}");
        assert!(!error.to_string().contains("word"), "{error}");
    }
}

#[tokio::test]
async fn without_a_storage_there_is_an_error() {
    let (sandbox, client) = with(|it| it.storage(Storage::none())).await;
    let error = client.upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
    assert!(error.is_upload() && error.to_string().contains("no attachment storage"), "{error}");
    assert_eq!(sandbox.requests().len(), 1);
    let error =
        away(storage("s3", json!(null), 10, &[])).upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
    assert!(error.is_upload() && error.to_string().contains("`uploadUri` is null"), "{error}");
    let none = away(json!({"data": {"attachmentStorage": null}}));
    let error = none.upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
    assert!(error.is_upload() && error.to_string().contains("`attachmentStorage` is null"), "{error}");
    // What is there but malformed is named.
    let malformed = storage("s3", json!("https://x.org"), -1, &[]);
    let error = away(malformed).upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Decode && error.to_string().contains("size limit"), "{error}");
    let mut malformed = storage("s3", json!("https://x.org"), 1, &[]);
    malformed["data"]["attachmentStorage"]["allowedExtensions"] = json!(["a", 1]);
    let error = away(malformed).upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
    assert!(error.to_string().contains("attachmentStorage.allowedExtensions[1]"), "{error}");
    for parameters in [
        json!([]),
        json!("the-secret-policy"),
        json!({"file": "x"}),
        json!({"File": "x"}),
        json!({"file ": "x"}),
        json!({"\tFILE": "x"}),
    ] {
        let mut malformed = storage("s3", json!("https://x.org"), 1, &[]);
        malformed["data"]["attachmentStorage"]["providerParameters"] = parameters.clone();
        let error = away(malformed).upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
        assert!(error.to_string().contains("parameter"), "{parameters}: {error}");
        assert!(!format!("{error}{error:?}").contains("the-secret-policy"), "{error:?}");
    }
}

#[tokio::test]
async fn eight_concurrent_uploads_request_the_storage_once() {
    let (sandbox, client) = with(|it| it.latency(Duration::from_millis(100))).await;
    let uploads: Vec<_> = (0..8_u8)
        .map(|number| {
            let (client, content) = (client.clone(), vec![number; 300_000 + usize::from(number)]);
            tokio::spawn(async move { client.upload(Upload::bytes(format!("{number}.txt"), content)).await })
        })
        .collect();
    for (number, upload) in uploads.into_iter().enumerate() {
        let file = upload.await.unwrap().unwrap();
        let content = vec![number as u8; 300_000 + number];
        assert_eq!(stored(&sandbox, &file.key).content.unwrap(), content);
    }
    assert_eq!(sandbox.uploads().len(), 8);
    assert_eq!(asked(&sandbox), 1);
    // Clients of another account share nothing.
    builder(&sandbox).build().unwrap().upload(Upload::bytes("a.txt", "x")).await.unwrap();
    assert_eq!(asked(&sandbox), 2);
}

#[tokio::test]
async fn files_with_the_same_name_do_not_replace_each_other() {
    let (sandbox, client) = client().await;
    let upload = |content: &str| client.upload(Upload::bytes("Image.png", content.to_owned()));
    let (one, two, three) = tokio::join!(upload("one").send(), upload("two").send(), upload("three").send());
    let four = client.upload(Upload::bytes("image.PNG", "four")).await;
    let other = client.upload(Upload::bytes("other.png", "other")).await;
    for (file, content) in [(one, "one"), (two, "two"), (three, "three"), (four, "four"), (other, "other")] {
        let key = file.unwrap().key;
        let stored = sandbox.uploads().into_iter().find(|stored| stored.key == key).unwrap();
        assert_eq!(stored.content.unwrap(), content.as_bytes(), "{key}");
    }
    assert_eq!(sandbox.uploads().len(), 5);
}

#[tokio::test]
async fn progress_adds_up() {
    let (sandbox, client) = client().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let upload = |content: Vec<u8>| {
        let told = Arc::clone(&told);
        Upload::bytes("a.txt", content)
            .on_progress(move |sent, total| told.lock().unwrap().push((sent, total)))
    };
    client.upload(upload(vec![1; 1_000_000])).await.unwrap();
    let first = std::mem::take(&mut *told.lock().unwrap());
    assert_eq!((first[0], first[first.len() - 1]), ((0, 1_000_000), (1_000_000, 1_000_000)));
    assert!(first.len() > 10 && first.is_sorted(), "{first:?}");
    client.upload(upload(Vec::new())).await.unwrap();
    assert_eq!(std::mem::take(&mut *told.lock().unwrap()), [(0, 0)]);
    // It begins anew when the file is sent again.
    sandbox.faults([Fault::status(503).on_upload()]);
    client.upload(upload(vec![1; 10])).await.unwrap();
    assert_eq!(std::mem::take(&mut *told.lock().unwrap()), [(0, 10), (10, 10), (0, 10), (10, 10)]);
}

#[tokio::test]
async fn three_statuses_mean_success() {
    const XML: &str = "<PostResponse><Key>k</Key></PostResponse>";
    for (status, fine) in [("200 OK", true), ("201 Created", true), ("202 Accepted", false), ("206 X", false)]
    {
        let server = Scripted::start("s3", [answer(status, XML)]).await;
        let file = server.client().upload(Upload::bytes("a.txt", "x")).await;
        assert_eq!(
            file.as_ref().map(|file| file.key.as_str()).ok(),
            fine.then_some("k"),
            "{status}: {file:?}"
        );
    }
    // A body that cannot be there has no key in it.
    let server = Scripted::start("s3", [answer("204 No Content", "")]).await;
    let error = server.client().upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.request_id()),
        (ErrorKind::Decode, Some(204), Some("A1"))
    );
}

#[tokio::test]
async fn keys_are_read_from_xml_and_json() {
    for (provider, body, key) in [
        (
            "s3",
            "<?xml version='1.0'?><a:R xmlns:a='x'><a:Key>a &amp; b&#228;/c</a:Key></a:R>",
            Some("a & bä/c"),
        ),
        ("s3", "<R><Key></Key></R>", None),
        ("s3", "<R/>", None),
        ("s3", "", None),
        ("s3", r#"{"key": "k"}"#, None),
        ("s3", "<!DOCTYPE R [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><R><Key>&x;</Key></R>", None),
        ("local", r#"{"key": "a\/b \u00e4 &amp;"}"#, Some("a/b ä &amp;")),
        ("local", r#"{"key": ""}"#, None),
        ("local", r#"{"key": null}"#, None),
        ("local", r#"{"key": 1}"#, None),
        ("local", r#"["k"]"#, None),
        ("local", "<R><Key>k</Key></R>", None),
    ] {
        let server = Scripted::start(provider, [answer("200 OK", body)]).await;
        match (server.client().upload(Upload::bytes("a.txt", "x")).await, key) {
            (Ok(file), Some(key)) => assert_eq!(file.key, key, "{body}"),
            (Err(error), None) => assert_eq!(error.kind(), ErrorKind::Decode, "{body}: {error}"),
            (other, _) => panic!("{body}: {other:?}"),
        }
        assert_eq!(server.seen().len(), 1);
    }
}
