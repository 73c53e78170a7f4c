//! A token is used once.

use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use xurrent_webhook::BoxFuture;
use xurrent_webhook::{MAX_TOKEN_ID, MemoryReplayStore, ReplayStore, StoreError};

#[tokio::test]
async fn a_token_is_accepted_once() {
    let verifier = knowing(es256()).build().unwrap();
    let body = es256().delivery(ACCOUNT).body();
    verify(&verifier, &body).await.unwrap();
    assert_eq!(reason(verify(&verifier, &body).await), "the token was used before");
    assert_eq!(reason(verify(&verifier.clone(), &body).await), "the token was used before");
    verify(&verifier, es256().delivery(ACCOUNT).body()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_tasks_with_the_same_token_exactly_one_is_accepted() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es512] {
        let verifier = knowing(signer(algorithm)).build().unwrap();
        let body: Arc<[u8]> = signer(algorithm).delivery(ACCOUNT).body().into();
        let tasks: Vec<_> = (0..50)
            .map(|_| {
                let (verifier, body) = (verifier.clone(), Arc::clone(&body));
                tokio::spawn(async move { verify(&verifier, &body).await })
            })
            .collect();
        let mut accepted = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => accepted += 1,
                refused => assert_eq!(reason(refused), "the token was used before"),
            }
        }
        assert_eq!(accepted, 1);
    }
}

#[tokio::test]
async fn a_forged_token_burns_no_id() {
    let verifier = knowing(es256()).build().unwrap();
    let forger = Signer::generate(Algorithm::Es256).unwrap();
    let id = |signer: &Signer| signer.delivery(ACCOUNT).claim("jti", "the-id").body();
    for _ in 0..3 {
        assert_eq!(reason(verify(&verifier, id(&forger)).await), "the signature does not match");
    }
    verify(&verifier, id(es256())).await.unwrap();
}

#[tokio::test]
async fn a_delivery_that_cannot_be_read_burns_no_id() {
    let verifier = knowing(es256()).webhook_id(1).build().unwrap();
    let id =
        |webhook: i64| es256().delivery(ACCOUNT).claim("jti", "other").field("webhook_id", webhook).body();
    assert!(verify(&verifier, id(2)).await.is_err());
    verify(&verifier, id(1)).await.unwrap();
}

#[tokio::test]
async fn an_id_is_used_up_for_its_issuer_only() {
    let verifier = knowing(es256()).build().unwrap();
    let of = |issuer: &str| es256().delivery(issuer).claim("jti", "same").body();
    verify(&verifier, of("https://wdc.xurrent.com/webhook_policies/a")).await.unwrap();
    verify(&verifier, of("https://wdc.xurrent.com/webhook_policies/b")).await.unwrap();
    assert!(verify(&verifier, of("https://wdc.xurrent.com/webhook_policies/a")).await.is_err());
}

#[tokio::test]
async fn a_token_without_an_id_cannot_be_told_from_its_replay() {
    let verifier = knowing(es256()).build().unwrap();
    let body = es256().delivery(ACCOUNT).without("jti").body();
    verify(&verifier, &body).await.unwrap();
    verify(&verifier, &body).await.unwrap();
}

#[tokio::test]
async fn a_delivery_that_could_not_be_kept_is_released() {
    let verifier = knowing(es256()).build().unwrap();
    let body = es256().delivery(ACCOUNT).body();
    let delivery = verify(&verifier, &body).await.unwrap();
    verifier.release(&delivery).await.unwrap();
    verify(&verifier, &body).await.unwrap();
    assert!(verify(&verifier, &body).await.is_err());
}

#[tokio::test]
async fn verifiers_with_one_store_accept_a_token_once_together() {
    let store = Arc::new(MemoryReplayStore::default());
    let verifiers = [0, 1].map(|_| knowing(es256()).replay_store(Arc::clone(&store)).build().unwrap());
    let body = es256().delivery(ACCOUNT).body();
    verify(&verifiers[0], &body).await.unwrap();
    assert_eq!(reason(verify(&verifiers[1], &body).await), "the token was used before");
}

#[tokio::test]
async fn a_full_store_refuses_rather_than_forgets() {
    let verifier = knowing(es256()).replay_store(MemoryReplayStore::new(2)).build().unwrap();
    let first = es256().delivery(ACCOUNT).body();
    verify(&verifier, &first).await.unwrap();
    verify(&verifier, es256().delivery(ACCOUNT).body()).await.unwrap();
    let refused = verify(&verifier, es256().delivery(ACCOUNT).body()).await;
    assert!(refused.as_ref().unwrap_err().is_temporary());
    assert_eq!(reason(refused), "the store of used tokens failed: the store is full");
    assert_eq!(reason(verify(&verifier, &first).await), "the token was used before");
}

#[tokio::test]
async fn the_memory_forgets_after_its_time_and_not_before() {
    let store = MemoryReplayStore::new(2);
    let short = Duration::from_millis(400);
    assert!(store.first_use("a", short).await.unwrap());
    assert!(store.first_use("b", Duration::from_secs(60)).await.unwrap());
    assert!(!store.first_use("a", short).await.unwrap());
    tokio::time::sleep(short).await;
    assert!(store.first_use("a", short).await.unwrap());
    assert!(!store.first_use("b", short).await.unwrap());
    // What was taken back and used again is remembered for its new time.
    store.forget("a").await.unwrap();
    tokio::time::sleep(short).await;
    assert!(store.first_use("a", Duration::from_secs(60)).await.unwrap());
    assert!(!store.first_use("a", short).await.unwrap());
    assert!(store.first_use("c", Duration::MAX).await.is_err());
}

/// Notes how long it is asked to remember.
#[derive(Default)]
struct Notes(std::sync::Mutex<Vec<(String, Duration)>>);

impl ReplayStore for Notes {
    fn first_use<'a>(
        &'a self,
        token: &'a str,
        remember: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        self.0.lock().unwrap().push((token.to_owned(), remember));
        Box::pin(async { Ok(true) })
    }

    fn forget<'a>(&'a self, _token: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async { Err("not today".into()) })
    }
}

#[tokio::test]
async fn a_token_is_remembered_for_as_long_as_it_can_be_accepted() {
    let notes = Arc::new(Notes::default());
    let short = knowing(es256()).replay_store(Arc::clone(&notes)).build().unwrap();
    let endless = knowing(es256()).dangerously_accept_tokens_without_times();
    let endless = endless.replay_store(Arc::clone(&notes)).build().unwrap();
    let hour = Duration::from_secs(3600);
    let long =
        knowing(es256()).max_age(hour).expiry_grace(hour).replay_store(Arc::clone(&notes)).build().unwrap();
    let far = || es256().delivery(ACCOUNT).claim("exp", now() + 10_000);
    for (verifier, delivery, expected) in [
        // By age, 60 s, but never less than 120 s.
        (&short, far(), 120),
        (&endless, far().without("iat").without("exp"), 86_401),
        (&long, far(), 3601),
        // By expiry and its grace, which comes before the age.
        (&long, far().claim("exp", now() - 600), 3061),
        (&short, far().without("iat").claim("exp", now() + 1000), 1061),
    ] {
        let delivery = verify(verifier, delivery.claim("jti", "id").body()).await.unwrap();
        let (token, remember) = notes.0.lock().unwrap().pop().unwrap();
        assert_eq!(token, format!("{ACCOUNT}\nid"));
        assert!(remember.as_secs().abs_diff(expected) <= 2, "{remember:?} is not {expected} s");
        assert!(delivery.signed);
        assert_eq!(reason(verifier.release(&delivery).await), "the store of used tokens failed: not today");
    }
}

#[tokio::test]
async fn the_longest_id_of_a_token_has_the_size_that_is_announced() {
    let verifier = knowing(es256()).build().unwrap();
    let issuer = format!("{ACCOUNT}/{}", "a".repeat(512 - ACCOUNT.len() - 1));
    let body = es256().delivery(&issuer).claim("jti", "😀".repeat(256)).body();
    let delivery = verify(&verifier, body).await.unwrap();
    assert_eq!(delivery.token_id().unwrap().len(), MAX_TOKEN_ID);
}

/// Does not answer the first five times.
struct Slow(MemoryReplayStore, AtomicUsize);

impl ReplayStore for Slow {
    fn first_use<'a>(
        &'a self,
        token: &'a str,
        remember: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            if self.1.fetch_add(1, Ordering::SeqCst) < 5 {
                std::future::pending::<()>().await;
            }
            self.0.first_use(token, remember).await
        })
    }

    fn forget<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.forget(token)
    }
}

#[tokio::test]
async fn a_verification_that_is_dropped_leaves_the_verifier_usable() {
    let store = Arc::new(Slow(MemoryReplayStore::default(), AtomicUsize::new(0)));
    let verifier = knowing(es256()).replay_store(Arc::clone(&store)).build().unwrap();
    let body = es256().delivery(ACCOUNT).body();
    for _ in 0..5 {
        let cut = tokio::time::timeout(Duration::from_millis(20), verify(&verifier, &body)).await;
        assert!(cut.is_err());
    }
    assert_eq!(store.1.load(Ordering::SeqCst), 5);
    verify(&verifier, &body).await.unwrap();
    assert!(verify(&verifier, &body).await.is_err());
}
