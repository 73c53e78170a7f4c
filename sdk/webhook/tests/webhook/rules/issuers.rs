//! Issuers and audiences.

use crate::*;

#[tokio::test]
async fn the_issuer_is_the_account_or_lies_below_it() {
    let verifier = knowing(es256()).build().unwrap();
    for issuer in [
        "https://wdc.xurrent.com",
        "https://wdc.xurrent.com/",
        "https://WDC.Xurrent.com",
        "https://wdc.xurrent.com:443",
        "https://wdc.xurrent.com/webhook_policies/signed",
        "https://wdc.xurrent.com/webhook_policies/signed/",
    ] {
        verify(&verifier, es256().delivery(issuer).body()).await.unwrap();
    }
}

#[tokio::test]
async fn an_issuer_is_compared_by_segments() {
    let verifier = Verifier::builder()
        .account_url("https://wdc.xurrent.com/foo")
        .public_key(Algorithm::Es256, es256().public_key_pem())
        .build()
        .unwrap();
    for issuer in
        ["https://wdc.xurrent.com/foo", "https://wdc.xurrent.com/foo/", "https://wdc.xurrent.com/foo/a"]
    {
        verify(&verifier, es256().delivery(issuer).body()).await.unwrap();
    }
    for issuer in [
        "https://wdc.xurrent.com/foobar",
        "https://wdc.xurrent.com/fo",
        "https://wdc.xurrent.com",
        "https://wdc.xurrent.com/bar/foo",
        "https://wdc.xurrent.com/Foo",
    ] {
        let reason = reason(verify(&verifier, es256().delivery(issuer).body()).await);
        assert!(reason.ends_with("is refused: it is not below the account"), "{reason}");
    }
}

#[tokio::test]
async fn a_configured_issuer_is_exact() {
    let issuer = "https://wdc.xurrent.com/webhook_policies/signed";
    let verifier = Verifier::builder()
        .issuer(issuer)
        .public_key(Algorithm::Es256, es256().public_key_pem())
        .build()
        .unwrap();
    verify(&verifier, es256().delivery(issuer).body()).await.unwrap();
    for other in [
        "https://wdc.xurrent.com/webhook_policies/signed/",
        "https://wdc.xurrent.com/webhook_policies/signed2",
        "https://wdc.xurrent.com/webhook_policies",
        "https://wdc.xurrent.com",
        "https://WDC.xurrent.com/webhook_policies/signed",
    ] {
        let reason = reason(verify(&verifier, es256().delivery(other).body()).await);
        assert!(reason.ends_with("not one of the configured issuers"), "{reason}");
    }
    // Several are as exact as one.
    let another = "https://wdc.xurrent.com/webhook_policies/another";
    let verifier = knowing(es256()).issuer(issuer).issuer(another).build().unwrap();
    for issuer in [issuer, another] {
        verify(&verifier, es256().delivery(issuer).body()).await.unwrap();
    }
    assert!(verify(&verifier, es256().delivery(&format!("{another}s")).body()).await.is_err());
    // The issuer beats the account, which then says only where callbacks may be.
    let verifier = knowing(es256()).issuer(issuer).build().unwrap();
    assert!(verify(&verifier, es256().delivery(ACCOUNT).body()).await.is_err());
}

#[tokio::test]
async fn the_audience_is_checked_when_it_is_configured() {
    let any = knowing(es256()).build().unwrap();
    let one = knowing(es256()).audience("orders").build().unwrap();
    let delivery = || es256().delivery(ACCOUNT);
    verify(&any, delivery().body()).await.unwrap();
    verify(&any, delivery().claim("aud", "anything").body()).await.unwrap();
    verify(&one, delivery().claim("aud", "orders").body()).await.unwrap();
    verify(&one, delivery().claim("aud", vec!["invoices", "orders"]).body()).await.unwrap();
    for body in [
        delivery().body(),
        delivery().claim("aud", "Orders").body(),
        delivery().claim("aud", "orders ").body(),
        delivery().claim("aud", Vec::<String>::new()).body(),
        delivery().claim("aud", vec!["invoices"]).body(),
        delivery().claim("aud", serde_json::Value::Null).body(),
    ] {
        assert_eq!(reason(verify(&one, body).await), "the token is for another audience");
    }
}
