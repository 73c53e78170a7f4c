//! A build without TLS.

use xurrent::{Client, Stage, reqwest};

#[test]
fn a_client_for_https_is_not_built_and_the_error_names_the_features() {
    let builder = || Client::builder().account("wdc").stage(Stage::Demo).personal_access_token("token");
    let own = builder().http_client(reqwest::Client::builder());
    for builder in [builder(), own] {
        let error = builder.build().unwrap_err();
        assert!(error.is_configuration(), "{error:?}");
        for feature in ["`rustls`", "`rustls-ring`", "`native-tls`"] {
            assert!(error.to_string().contains(feature), "{error}");
        }
    }
}

#[test]
fn a_client_for_plain_http_is_built() {
    let endpoints = ["graphql", "token"].map(|path| format!("http://127.0.0.1:9/{path}"));
    let client = Client::builder().account("wdc").endpoints(&endpoints[0], &endpoints[1]);
    assert!(client.personal_access_token("token").build().is_ok());
}

#[cfg(feature = "webhook")]
#[test]
fn a_verifier_without_keys_is_not_built() {
    let error =
        xurrent::webhook::Verifier::builder().account_url("https://wdc.xurrent.com").build().unwrap_err();
    assert!(error.to_string().contains("`rustls`") && error.to_string().contains("`public_key`"), "{error}");
}
