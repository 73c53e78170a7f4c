//! Strangers who make up issuers, thousands of them, and good deliveries in between.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use server::{Server, json};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Runs on a runtime of its own: where workers block for good, the test fails instead of hanging.
fn run(test: impl Future<Output = ()> + Send + 'static) {
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(4).enable_all().build().unwrap().block_on(test);
        done.send(()).unwrap();
    });
    let ended = ended.recv_timeout(Duration::from_secs(120));
    assert!(ended.is_ok(), "the workers hang, or the test failed");
}

/// What costs a forger nothing: a token of any issuer with a signature of zeros.
fn forged(issuer: &str) -> String {
    let now = now();
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","kid":"one"}"#);
    let claims = format!(r#"{{"iss":"{issuer}","iat":{now},"jti":"j","data":{{}}}}"#);
    let signature = URL_SAFE_NO_PAD.encode([0; 64]);
    format!(r#"{{"jwt":"{header}.{}.{signature}"}}"#, URL_SAFE_NO_PAD.encode(claims))
}

/// A server with an account and a policy, which answers nobody else.
async fn account() -> (Server, String) {
    let server = Server::http().await;
    server.issues("", es256(), "one");
    server.issues("/webhook_policies/real", es256(), "one");
    let policy = format!("{}/webhook_policies/real", server.origin);
    (server, policy)
}

/// Made-up policies of the account, as fast as they can be sent, until told to stop.
fn flood(verifier: &Verifier, origin: &str, stop: &Arc<AtomicBool>) -> Vec<tokio::task::JoinHandle<usize>> {
    let one = |task: usize| {
        let (verifier, origin, stop) = (verifier.clone(), origin.to_owned(), Arc::clone(stop));
        tokio::spawn(async move {
            let mut sent = 0;
            while !stop.load(Ordering::Relaxed) {
                let body = forged(&format!("{origin}/webhook_policies/{task}-{sent}"));
                assert!(verify(&verifier, body).await.is_err());
                sent += 1;
                tokio::task::yield_now().await;
            }
            sent
        })
    };
    (0..8).map(one).collect()
}

#[test]
fn of_24_000_forged_issuers_and_2_000_good_deliveries_exactly_the_good_ones_are_accepted_at_once() {
    run(async {
        let (server, policy) = account().await;
        let verifier = server.verifier().build().unwrap();
        // The policy was heard of before; the account itself is new.
        verify(&verifier, es256().delivery(&policy).kid("one").body()).await.unwrap();
        let refused = Arc::new(AtomicUsize::new(0));
        let forgers: Vec<_> = (0..8)
            .map(|task| {
                let (verifier, origin, refused) =
                    (verifier.clone(), server.origin.clone(), Arc::clone(&refused));
                tokio::spawn(async move {
                    for number in 0..3_000 {
                        let body = forged(&format!("{origin}/webhook_policies/{task}-{number}"));
                        assert!(verify(&verifier, body).await.is_err());
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let senders: Vec<_> = [server.origin.clone(), policy]
            .into_iter()
            .map(|issuer| {
                let verifier = verifier.clone();
                tokio::spawn(async move {
                    let mut slowest = Duration::ZERO;
                    for _ in 0..1_000 {
                        let body = es256().delivery(&issuer).kid("one").body();
                        let started = Instant::now();
                        verify(&verifier, body).await.unwrap();
                        slowest = slowest.max(started.elapsed());
                        tokio::task::yield_now().await;
                    }
                    slowest
                })
            })
            .collect();
        for sender in senders {
            let slowest = sender.await.unwrap();
            println!("the slowest good delivery took {slowest:?}");
            assert!(slowest < Duration::from_secs(1), "{slowest:?}");
        }
        for forger in forgers {
            forger.await.unwrap();
        }
        assert_eq!(refused.load(Ordering::Relaxed), 24_000);
        // Ten strangers were asked for, and the two issuers for both documents.
        assert!(server.asked().len() <= 10 + 4, "{}", server.asked().len());
    });
}

#[test]
fn a_new_verifier_learns_its_policy_in_a_flood_by_the_second_try() {
    run(async {
        let (server, policy) = account().await;
        let verifier = server.verifier().build().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let forgers = flood(&verifier, &server.origin, &stop);
        // The strangers have used up what is there for the unknown.
        while server.asked().len() < 10 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for number in 0..200 {
            let body = es256().delivery(&policy).kid("one").body();
            let Err(refused) = verify(&verifier, &body).await else { continue };
            assert!(number == 0 && refused.is_temporary(), "{number} {refused:?}");
            assert_eq!(reason(Err::<(), _>(refused)), "too many requests for issuers' keys: try again later");
            verify(&verifier, &body).await.unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        let mut sent = 0;
        for forger in forgers {
            sent += forger.await.unwrap();
        }
        println!("{sent} forged deliveries meanwhile");
        assert!(server.asked().len() <= 10 + 2, "{}", server.asked().len());
    });
}

#[test]
fn a_new_verifier_learns_its_policy_while_17_strangers_a_second_call() {
    run(async {
        let (server, policy) = account().await;
        let verifier = server.verifier().build().unwrap();
        let (mut refused, started) = (0, Instant::now());
        for number in 0..51 {
            let body = forged(&format!("{}/webhook_policies/{number}", server.origin));
            assert!(verify(&verifier, body).await.is_err());
            // They have a head start of half a second; then every fifth delivery is good.
            if number >= 10 && number % 5 == 0 {
                let good = es256().delivery(&policy).kid("one").body();
                refused += usize::from(verify(&verifier, good).await.is_err());
            }
            tokio::time::sleep_until((started + Duration::from_millis(1000 / 17 * number)).into()).await;
        }
        assert!(refused <= 1, "{refused} of 9 good deliveries were refused");
    });
}

#[test]
fn who_repeats_the_names_that_he_made_up_delays_a_new_policy_but_does_not_stop_it() {
    run(async {
        let (server, policy) = account().await;
        let verifier = server.verifier().build().unwrap();
        let (mut accepted, started) = (0, Instant::now());
        let mut number = 0;
        // As many deliveries of the account as of the stranger: every other turn is its.
        while accepted == 0 && started.elapsed() < Duration::from_secs(60) {
            let body = forged(&format!("{}/webhook_policies/{}", server.origin, number / 3));
            assert!(verify(&verifier, body).await.is_err());
            if number >= 60 {
                let good = es256().delivery(&policy).kid("one").body();
                accepted += usize::from(verify(&verifier, good).await.is_ok());
            }
            number += 1;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(accepted, 1, "not in {:?}", started.elapsed());
    });
}

#[test]
fn the_account_and_named_issuers_are_learned_by_their_first_delivery_in_any_flood() {
    run(async {
        let (server, policy) = account().await;
        let any = server.verifier().build().unwrap();
        let named = server.verifier().issuer(&policy).build().unwrap();
        for (verifier, issuer, strangers) in [(any, server.origin.clone(), 10), (named, policy, 0)] {
            let before = server.asked().len();
            let stop = Arc::new(AtomicBool::new(false));
            let forgers = flood(&verifier, &server.origin, &stop);
            tokio::time::sleep(Duration::from_millis(100)).await;
            verify(&verifier, es256().delivery(&issuer).kid("one").body()).await.unwrap();
            stop.store(true, Ordering::Relaxed);
            for forger in forgers {
                forger.await.unwrap();
            }
            assert!(server.asked().len() - before <= strangers + 2, "{:?}", server.asked().len());
        }
    });
}

#[test]
fn strangers_whose_issuers_answer_push_out_nobody_who_has_signed() {
    run(async {
        let (server, policy) = account().await;
        // Every time is the first: nothing is throttled.
        let verifier = server.verifier().refetch_after(Duration::ZERO).build().unwrap();
        verify(&verifier, es256().delivery(&policy).kid("one").body()).await.unwrap();
        for number in 0..100 {
            let path = format!("/webhook_policies/{number}");
            server.issues(&path, es256(), "one");
            let stranger = forged(&format!("{}{path}", server.origin));
            assert_eq!(reason(verify(&verifier, stranger).await), "the signature does not match");
        }
        let asked = server.asked().len();
        verify(&verifier, es256().delivery(&policy).kid("one").body()).await.unwrap();
        assert_eq!(server.asked().len(), asked);
    });
}

#[test]
fn a_fetch_on_a_runtime_that_nobody_drives_holds_nobody_up_for_long() {
    let asleep = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let awake = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (server, _) = awake.block_on(account());
    let keys = serde_json::json!({ "jwks_uri": format!("{}/keys", server.origin) });
    server.on(server::CONFIGURATION, json(keys).after(Duration::from_millis(200)));
    let verifier = server.verifier().build().unwrap();
    let body = es256().delivery(&server.origin).kid("one").body();
    let cut = async { tokio::time::timeout(Duration::from_millis(50), verify(&verifier, &body)).await };
    assert!(asleep.block_on(cut).is_err());
    awake.block_on(async {
        assert!(verify(&verifier, &body).await.unwrap_err().is_temporary());
        verify(&verifier, &body).await.unwrap();
    });
}

#[test]
fn without_a_runtime_keys_cannot_be_fetched_and_nothing_panics() {
    let verifier = Verifier::builder().account_url(ACCOUNT).build().unwrap();
    let body = es256().delivery(ACCOUNT).kid("one").body();
    let mut verifying = Box::pin(verify(&verifier, &body));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(refused) = verifying.as_mut().poll(&mut context) else { panic!("it waits") };
    assert!(reason(refused).contains("there is no Tokio runtime"));
}
