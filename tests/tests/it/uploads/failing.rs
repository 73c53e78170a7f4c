//! What goes wrong on the way: the storage, the network, the file, the caller.

use crate::sandboxed::{builder, client, start, with};
use crate::uploads::readers::{End, Odd};
use crate::uploads::scripted::{Scripted, Storage as Act, answer};
use crate::uploads::sending::{asked, stored};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use xurrent::{ErrorKind, RetryPolicy, Upload};
use xurrent_sandbox::{Fault, Storage};

const SOON: Duration = Duration::from_secs(1);

#[tokio::test]
async fn replayable_sources_are_retried() {
    let mut runs = JoinSet::new();
    for fault in [
        Fault::status(500),
        Fault::status(503).header("content-type", "text/html").body("<h1>Slow down</h1>"),
        Fault::status(429).header("retry-after", "1"),
        Fault::cut_before(),
        Fault::cut_after(),
        Fault::cut_body(),
    ] {
        runs.spawn(sent_again(fault.on_upload()));
    }
    while let Some(run) = runs.join_next().await {
        run.unwrap();
    }
}

async fn sent_again(fault: Fault) {
    let (sandbox, client) = client().await;
    let content = vec![7; 3_000_000];
    let spooled = Upload::reader("a.txt", std::io::Cursor::new(content.clone()));
    for upload in [Upload::bytes("a.txt", content.clone()), spooled] {
        sandbox.faults([fault.clone()]);
        let file = client.upload(upload).await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(stored(&sandbox, &file.key).content.as_ref(), Some(&content), "{fault:?}");
        assert_eq!(sandbox.faults_left(), 0, "{fault:?}");
    }
}

#[tokio::test]
async fn one_shot_sources_are_sent_once() {
    let (sandbox, client) = client().await;
    for fault in [Fault::status(503), Fault::cut_before(), Fault::cut_after()] {
        let before = sandbox.arrivals().len();
        sandbox.faults([fault.clone().on_upload()]);
        let error = client.upload(Upload::reader("a.txt", &b"xyz"[..]).size(3)).await.unwrap_err();
        assert_eq!(error.attempts().len(), 1, "{fault:?}: {error}");
        assert!(sandbox.arrivals().len() - before <= 2, "{fault:?}");
    }
}

#[tokio::test]
async fn attempts_end_with_the_policy() {
    let (sandbox, client) = client().await;
    sandbox.faults((0..3).map(|_| Fault::status(503).on_upload()));
    let call = client.upload(Upload::bytes("a.txt", "x")).retry(RetryPolicy::new().max_attempts(2));
    let error = call.await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts().len()), (ErrorKind::Status, Some(503), 2));
    let error = client.upload(Upload::bytes("a.txt", "x")).retry(RetryPolicy::never()).await.unwrap_err();
    assert_eq!((error.status(), error.attempts().len()), (Some(503), 1));
    // What is refused for good is not sent again.
    for status in [302, 307, 400, 404, 412, 413] {
        let fault = Fault::status(status).header("location", &sandbox.graphql_url()).on_upload();
        let before = sandbox.arrivals().len();
        sandbox.faults([fault]);
        let error = client.upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(status)), "{error}");
        // The upload, and one to ask where files go when that was forgotten; no redirect is followed.
        assert!(sandbox.arrivals().len() - before <= 2, "{status}");
    }
}

#[tokio::test]
async fn an_expired_upload_permission_is_replaced_once() {
    let lifetime = Duration::from_secs(3);
    let (sandbox, client) = with(|it| it.storage(Storage::s3().permission_lifetime(lifetime))).await;
    client.upload(Upload::bytes("a.txt", "1")).await.unwrap();
    tokio::time::sleep(lifetime).await;
    // The kept one is refused, and no policy is needed for the second.
    let file = client.upload(Upload::bytes("b.txt", "22")).retry(RetryPolicy::never()).await.unwrap();
    assert_eq!(stored(&sandbox, &file.key).size, 2);
    assert_eq!(asked(&sandbox), 2);

    // What is refused although it is new is refused.
    let (sandbox, client) = with(|it| it.storage(Storage::s3().permission_lifetime(Duration::ZERO))).await;
    for asks in 1..3 {
        let error = client.upload(Upload::bytes(format!("{asks}.txt"), "1")).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(403)));
        assert!(
            error.to_string().contains("AccessDenied: Invalid according to Policy: Policy expired."),
            "{error}"
        );
        assert!(error.request_id().is_some() && error.attempts().len() == 1, "{error:?}");
        assert_eq!(asked(&sandbox), asks, "the refused permission is forgotten");
    }
}

#[tokio::test]
async fn an_upload_permission_that_expires_between_attempts_is_replaced_once() {
    let expired = [
        answer("403 Forbidden", "<Error><Code>AccessDenied</Code><Message>Policy expired.</Message></Error>"),
        answer(
            "400 Bad Request",
            "<Error><Code>ExpiredToken</Code><Message>It has expired.</Message></Error>",
        ),
    ];
    for refusal in expired {
        let unavailable = answer("503 Slow Down", "<Error><Code>SlowDown</Code></Error>");
        let server = Scripted::start("s3", [unavailable.clone(), refusal.clone()]).await;
        let file = server.client().upload(Upload::bytes("a.txt", "x")).await.unwrap();
        assert_eq!((file.key.as_str(), server.asked()), ("the/key.txt", 2));
        // Once, and not when it was new.
        let server = Scripted::start("s3", [unavailable, refusal.clone(), refusal.clone()]).await;
        let error = server.client().upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
        assert!(matches!(error.status(), Some(400 | 403)), "{error}");
        assert_eq!((server.asked(), error.attempts().len()), (2, 3));
        let server = Scripted::start("s3", [refusal]).await;
        server.client().upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
        assert_eq!(server.asked(), 1);
    }
    // Another reason is no reason to ask again.
    let other = "<Error><Code>EntityTooLarge</Code></Error>";
    let server = Scripted::start("s3", [answer("503 Slow Down", ""), answer("400 Bad Request", other)]).await;
    server.client().upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn an_endless_error_response_keeps_its_status() {
    let endless = "HTTP/1.1 403 Forbidden\r\n\r\n<Error><Code>AccessDenied</Code><Message>No</Message>";
    let act = Act::Answer(format!("{endless}{}", " ".repeat(2_000_000)));
    let server = Scripted::start("s3", [act]).await;
    let error = server.client().upload(Upload::bytes("a.txt", "x")).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(403)), "{error}");
    assert!(error.to_string().contains("AccessDenied: No"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_path_that_became_a_pipe_does_not_block() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.txt");
    std::fs::write(&path, "x").unwrap();
    let swapped = path.clone();
    // Between the look at the file and the upload.
    let transport = xurrent::MemoryTransport::new(move |_| {
        std::fs::remove_file(&swapped).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&swapped).status().unwrap().success());
        crate::uploads::scripted::storage("s3", serde_json::json!("https://bucket.example.com/"), 10, &[])
    });
    let client = xurrent::Client::builder().account("wdc").personal_access_token("t").transport(transport);
    let upload = client.build().unwrap().upload(Upload::path(&path));
    let error = tokio::time::timeout(Duration::from_secs(30), upload.send()).await.unwrap().unwrap_err();
    assert!(error.is_upload() && error.to_string().contains("is not a file"), "{error}");
}

#[tokio::test]
async fn upload_credentials_are_redacted() {
    const SECRETS: [&str; 4] = ["policy-77aa01bc", "signature/99+0f==", "token-51c7f2a0", "query-secret-1"];
    for provider in ["s3", "local"] {
        for (status, body) in [
            (
                "403 Forbidden",
                "<Error><Code>X policy-77aa01bc</Code><Message>signature/99+0f== token-51c7f2a0 query-secret-1</Message></Error>",
            ),
            (
                "400 Bad",
                "policy-77aa01bc signature/99+0f== signature%2F99%2B0f%3D%3D token-51c7f2a0 query-secret-1",
            ),
            ("400 Bad", r#"{"message": "policy-77aa01bc signature\/99+0f== token-51c7f2a0 query-secret-1"}"#),
            ("200 OK", "no key policy-77aa01bc signature/99+0f== token-51c7f2a0 query-secret-1"),
            ("500 Oops", "policy-77aa01bc signature/99+0f== token-51c7f2a0 query-secret-1"),
        ] {
            let echo = answer(status, body);
            let Act::Answer(echo) = echo else { panic!() };
            let echo = echo.replace("A1", "A1 policy-77aa01bc");
            let server = Scripted::start(provider, vec![Act::Answer(echo); 3]).await;
            *server.parameters.lock().unwrap() =
                r#"{"key": "k/${filename}", "policy": "policy-77aa01bc", "sig": "signature\/99+0f=="}"#
                    .to_owned();
            let client = server.client();
            let upload = Upload::bytes("a.txt", "x");
            let shown = format!("{upload:?} {client:?}");
            let error = client.upload(upload).retry(RetryPolicy::never()).await.unwrap_err();
            let shown = format!("{shown} {error} {error:?}");
            assert!(shown.contains("***"), "{shown}");
            for secret in SECRETS.into_iter().chain(["signature%2F99"]) {
                // A bucket can only guess the token.
                assert!(
                    (provider == "s3" && secret.starts_with("token")) || !shown.contains(secret),
                    "{provider} {status}: {secret} in {shown}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_reader_that_fails_is_an_error_and_stores_nothing() {
    let (sandbox, client) = client().await;
    for (length, said, expected) in
        [(200_000, Some(500_000), "the disk is on fire"), (200_000, None, "the disk is on fire")]
    {
        let reader = Odd::new(length, 10_000, Duration::ZERO, End::Error);
        let mut upload = Upload::reader("a.txt", reader);
        if let Some(said) = said {
            upload = upload.size(said);
        }
        let error = client.upload(upload).await.unwrap_err();
        assert!(error.is_upload() && format!("{error:#}").contains(expected), "{error:#}");
    }
    for (length, said, expected) in [
        (499_999, 500_000, "fewer than the 500000"),
        (500_001, 500_000, "more than the 500000"),
        (1, 0, "more than the 0"),
        (0, 1, "fewer than the 1"),
    ] {
        let reader = Odd::new(length, 10_000, Duration::ZERO, End::Done);
        let error = client.upload(Upload::reader("a.txt", reader).size(said)).await.unwrap_err();
        assert!(error.is_upload() && error.to_string().contains(expected), "{error}");
    }
    // Without a size there is nothing that could differ.
    let reader = Odd::new(499_999, 10_000, Duration::ZERO, End::Done);
    assert_eq!(client.upload(Upload::reader("a.txt", reader)).await.unwrap().size, 499_999);
    assert_eq!(sandbox.uploads().len(), 1);
}

#[tokio::test]
async fn a_truncated_upload_is_not_complete() {
    let server = Scripted::start("s3", []).await;
    let client = server.client();
    for length in [3_000_000, 5_000_001] {
        let reader = Odd::new(length, 10_000, Duration::ZERO, End::Done);
        assert!(
            client.upload(Upload::reader("a.txt", reader).size(5_000_000)).await.unwrap_err().is_upload()
        );
    }
    let seen = server.saw(2).await;
    assert_eq!(seen.len(), 2);
    for upload in seen {
        assert!(!upload.whole && !upload.body.ends_with(b"--\r\n"));
    }
}

#[tokio::test]
async fn a_file_that_grows_while_it_is_sent_is_an_error() {
    let server = Scripted::start("s3", []).await;
    let path = std::env::temp_dir().join(format!("xurrent-{}-grows.txt", std::process::id()));
    std::fs::write(&path, vec![0; 100_000]).unwrap();
    let grows = path.clone();
    let upload = Upload::path(&path).on_progress(move |sent, _| {
        if sent > 0 {
            std::fs::write(&grows, vec![1; 200_000]).unwrap();
        }
    });
    let error = server.client().upload(upload).await.unwrap_err();
    std::fs::remove_file(&path).unwrap();
    assert!(error.is_upload() && error.to_string().contains("more than the 100000"), "{error}");
    assert!(server.seen().iter().all(|upload| !upload.whole));
}

#[tokio::test]
async fn a_stalled_upload_times_out() {
    let never = RetryPolicy::never();
    for act in [Act::Mute, Act::Deaf] {
        let server = Scripted::start("s3", [act.clone()]).await;
        let upload = Upload::bytes("a.txt", vec![0; 20_000_000]).stall_timeout(SOON);
        let started = Instant::now();
        let error = server.client().upload(upload).retry(never).await.unwrap_err();
        assert!(error.is_timeout() && error.to_string().contains("the upload stalled"), "{error}");
        assert!((SOON..SOON * 10).contains(&started.elapsed()), "{act:?}: {:?}", started.elapsed());
    }
    let (_sandbox, client) = client().await;
    for said in [Some(1_000), None] {
        let mut upload = Upload::reader("a.txt", Odd::new(500, 100, Duration::ZERO, End::Nothing));
        if let Some(said) = said {
            upload = upload.size(said);
        }
        let started = Instant::now();
        client.upload(upload.stall_timeout(SOON)).await.unwrap_err();
        assert!((SOON..SOON * 10).contains(&started.elapsed()), "{said:?}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_slow_upload_does_not_time_out() {
    let (_sandbox, client) = client().await;
    for said in [Some(1_000), None] {
        let mut upload =
            Upload::reader("a.txt", Odd::new(1_000, 100, SOON / 3, End::Done)).stall_timeout(SOON);
        if let Some(said) = said {
            upload = upload.size(said);
        }
        let started = Instant::now();
        assert_eq!(client.upload(upload).await.unwrap().size, 1_000);
        assert!(started.elapsed() > SOON * 3);
    }
    let upload = Upload::reader("a.txt", Odd::new(1_000, 10, SOON / 3, End::Done)).size(1_000);
    let started = Instant::now();
    let error = client.upload(upload).retry(RetryPolicy::new().time_limit(SOON)).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("time limit"), "{error}");
    assert!(started.elapsed() < SOON * 10);
}

#[tokio::test]
async fn a_connection_that_is_cut_is_an_error() {
    let server =
        Scripted::start("s3", [Act::CutAfter(100_000), Act::CutAfter(0), Act::CutAfter(5_000_000)]).await;
    let client = server.client();
    for name in ["a.txt", "b.txt"] {
        let upload = Upload::bytes(name, vec![0; 5_000_000]);
        let error = client.upload(upload).retry(RetryPolicy::never()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Transport, None), "{error}");
    }
    client.upload(Upload::bytes("c.txt", vec![0; 5_000_000])).await.unwrap();
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn a_response_before_the_whole_file_is_an_error() {
    let body = "<R><Key>the/key.txt</Key></R>";
    let early = format!("HTTP/1.1 201 Created\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let server = Scripted::start("s3", [Act::AnswerEarly(early)]).await;
    let upload = Upload::reader("a.txt", Odd::new(2_000_000, 10_000, Duration::from_millis(1), End::Done));
    let error = server.client().upload(upload.size(2_000_000)).await.unwrap_err();
    assert!(error.to_string().contains("before it had the whole file"), "{error}");

    // A refusal may come early, and is shown.
    let body = "<Error><Code>EntityTooLarge</Code><Message>no</Message></Error>";
    let early = format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let server = Scripted::start("s3", [Act::AnswerEarly(early)]).await;
    let upload = Upload::reader("a.txt", Odd::new(2_000_000, 10_000, Duration::from_millis(1), End::Done));
    let error = server.client().upload(upload.size(2_000_000)).await.unwrap_err();
    assert!(error.status() == Some(400) && error.to_string().contains("EntityTooLarge: no"), "{error}");
}

#[tokio::test]
async fn an_endless_response_is_an_error() {
    let server = Scripted::start("s3", [Act::Endless]).await;
    let call = server.client().upload(Upload::bytes("a.txt", "x")).retry(RetryPolicy::never());
    let error = call.await.unwrap_err();
    assert!(
        error.kind() == ErrorKind::Decode && error.to_string().contains("more than 1048576 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn an_upload_can_be_cancelled_at_any_time() {
    let (sandbox, client) = with(|it| it.latency(Duration::from_millis(30))).await;
    for millis in (0..200).step_by(10) {
        let reader = Odd::new(1_000_000, 10_000, Duration::from_millis(1), End::Done);
        let dropped = Arc::clone(&reader.dropped);
        let upload = client.upload(Upload::reader("a.txt", reader).size(1_000_000));
        let _ = tokio::time::timeout(Duration::from_millis(millis), upload).await;
        // Who has the reader lets go of it.
        for _ in 0..100 {
            if dropped.load(Ordering::SeqCst) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(dropped.load(Ordering::SeqCst), "after {millis} ms");
    }
    let file = client.upload(Upload::bytes("b.txt", "whole")).await.unwrap();
    assert_eq!(stored(&sandbox, &file.key).content.unwrap(), b"whole");
    assert!(sandbox.uploads().iter().all(|file| file.size == 1_000_000 || file.size == 5));
}

#[tokio::test]
async fn a_cancelled_request_for_the_storage_blocks_no_other() {
    let sandbox = start(|it| it).await;
    let client = builder(&sandbox).build().unwrap();
    sandbox.faults([Fault::none().delayed(Duration::from_secs(30))]);
    let first = tokio::spawn(client.upload(Upload::bytes("a.txt", "1")).send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second = tokio::spawn(client.upload(Upload::bytes("b.txt", "2")).send());
    tokio::time::sleep(Duration::from_millis(100)).await;
    first.abort();
    let started = Instant::now();
    second.await.unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_failed_request_for_the_storage_is_repeated_by_the_next_upload() {
    let (sandbox, client) = client().await;
    sandbox.faults([Fault::status(500)]);
    let error = client.upload(Upload::bytes("a.txt", "1")).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts().len()), (ErrorKind::Status, Some(500), 1));
    client.upload(Upload::bytes("a.txt", "1")).await.unwrap();
    assert_eq!(asked(&sandbox), 2);
}
