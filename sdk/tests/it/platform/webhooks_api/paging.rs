//! Pages of a list.

use crate::platform::script::{Answer, Script};
use crate::platform::webhooks_api::{addresses, api, page};
use std::time::Duration;
use xurrent::ErrorKind;

#[tokio::test]
async fn a_list_goes_from_page_to_page_as_the_server_says() {
    let at = "https://api.xurrent.com/v1/webhooks";
    let (second, third) = (format!("{at}?per_page=2&search_after=a%2B1"), format!("{at}?page=3"));
    let script = Script::new([page([1, 2], Some(&second)), page([], Some(&third)), page([3], None)]);
    let all = api(&script).list().page_size(2).all().await.unwrap();
    assert_eq!(all.iter().map(|webhook| webhook.id).collect::<Vec<_>>(), [1, 2, 3]);
    let first = format!("GET {at}?per_page=2");
    assert_eq!(addresses(&script), [first, format!("GET {second}"), format!("GET {third}")]);

    let script = Script::new([page([1], None), page([], None), page([], None)]);
    let list = api(&script).list();
    assert_eq!(list.clone().enabled().all().await.unwrap().len(), 1);
    assert!(list.clone().disabled().all().await.unwrap().is_empty());
    list.all().await.unwrap();
    let expected = ["/enabled?per_page=100", "/disabled?per_page=100", "?per_page=100"];
    assert_eq!(addresses(&script), expected.map(|path| format!("GET {at}{path}")));
}

#[tokio::test]
async fn the_token_goes_to_no_other_place_for_a_next_page() {
    for next in [
        "https://evil.example/v1/webhooks?page=2",
        "http://api.xurrent.com/v1/webhooks?page=2",
        "https://api.xurrent.com/v1/people?page=2",
        "https://api.xurrent.com:444/v1/webhooks?page=2",
        "https://api.xurrent.com/v1/webhooks/enabled?page=2",
    ] {
        let script = Script::new([page([1], Some(next)).with("x-request-id", "r-1")]);
        let mut stream = api(&script).list().stream();
        assert_eq!(stream.try_next().await.unwrap().unwrap().id, 1, "what came is handed out");
        let error = stream.try_next().await.unwrap_err();
        assert_eq!((error.kind(), error.request_id()), (ErrorKind::Pagination, Some("r-1")), "{error}");
        assert!(stream.try_next().await.unwrap().is_none(), "the stream has ended");
        assert_eq!(script.sent().len(), 1, "{next}");
    }
}

#[tokio::test]
async fn pages_that_run_in_a_circle_are_refused() {
    let at = "https://api.xurrent.com/v1/webhooks";
    let (first, second) = (format!("{at}?per_page=100"), format!("{at}?page=2"));
    for circle in [&first, &second] {
        let script = Script::new([page([1], Some(&second)), page([2], Some(circle))]);
        let error = api(&script).list().all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Pagination, "{error}");
        assert_eq!(script.sent().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_given_up_goes_on_where_it_was() {
    let next = "https://api.xurrent.com/v1/webhooks?page=2";
    let slow = |answer: Answer| answer.after(Duration::from_secs(3));
    let script = Script::new([slow(page([1], Some(next))), slow(page([2], None))]);
    let mut stream = api(&script).list().stream();
    let mut ids = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_millis(700), stream.try_next()).await {
            Err(_) => {}
            Ok(Ok(Some(webhook))) => ids.push(webhook.id),
            Ok(Ok(None)) => break,
            Ok(Err(error)) => unreachable!("{error}"),
        }
    }
    assert_eq!((ids, script.sent().len()), (vec![1, 2], 2));
}
