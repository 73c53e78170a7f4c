//! https, published keys, and the tokens that they verify.

use crate::raw_http::{HttpResponse, send, send_secure};
use crate::schema::{schema_json, with};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use xurrent_sandbox::{Fault, Sandbox};

async fn start() -> Sandbox {
    Sandbox::builder().schema_json(schema_json()).start().await.unwrap()
}

/// The id and the name of a new policy.
fn policy(sandbox: &Sandbox, input: Value) -> (String, String) {
    let create = "mutation($input: WebhookPolicyCreateInput!) { webhookPolicyCreate(input: $input) {
        webhookPolicy { id name } } }";
    let data = with(sandbox.engine(), create, json!({ "input": input }));
    let policy = &data["webhookPolicyCreate"]["webhookPolicy"];
    (policy["id"].as_str().unwrap().to_owned(), policy["name"].as_str().unwrap().to_owned())
}

fn update(sandbox: &Sandbox, input: Value) {
    let update = "mutation($input: WebhookPolicyUpdateInput!) { webhookPolicyUpdate(input: $input) {
        errors { message } } }";
    let data = with(sandbox.engine(), update, json!({ "input": input }));
    assert_eq!(data["webhookPolicyUpdate"]["errors"], json!([]));
}

/// Gets a document of the account.
async fn get(sandbox: &Sandbox, url: &str) -> HttpResponse {
    let (url, root) = (url.to_owned(), sandbox.root_certificate().to_owned());
    tokio::task::spawn_blocking(move || send_secure(&url, &root, "GET").unwrap()).await.unwrap()
}

/// The keys of a policy, found as a receiver finds them.
async fn keys(sandbox: &Sandbox, issuer: &str) -> Vec<Value> {
    let configuration = get(sandbox, &format!("{issuer}/.well-known/openid-configuration")).await;
    assert_eq!(configuration.status, 200);
    assert_eq!(configuration.headers["cache-control"], "max-age=3600, public");
    assert_eq!(configuration.body["issuer"], issuer);
    let set = get(sandbox, configuration.body["jwks_uri"].as_str().unwrap()).await;
    assert_eq!((set.status, set.headers["cache-control"].as_str()), (200, "max-age=3600, public"));
    set.body["keys"].as_array().unwrap().clone()
}

/// A token taken apart.
struct Token {
    header: Value,
    claims: Value,
    signed: String,
    signature: Vec<u8>,
}

fn token(body: &[u8]) -> Token {
    let body: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1);
    let token = body["jwt"].as_str().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { panic!("{token}") };
    let json = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    Token {
        header: json(header),
        claims: json(claims),
        signed: format!("{header}.{claims}"),
        signature: URL_SAFE_NO_PAD.decode(signature).unwrap(),
    }
}

/// Whether a published key verifies a token.
fn verifies(key: &Value, token: &Token) -> bool {
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let (message, signature) = (token.signed.as_bytes(), token.signature.as_slice());
    let rsa = |parameters| {
        assert_eq!((&key["kty"], number("n").len()), (&json!("RSA"), 256));
        RsaPublicKeyComponents { n: number("n"), e: number("e") }.verify(parameters, message, signature)
    };
    let ec = |curve: &str, size, algorithm| {
        assert_eq!((&key["kty"], &key["crv"]), (&json!("EC"), &json!(curve)));
        assert_eq!((number("x").len(), number("y").len()), (size, size));
        let point = [vec![4], number("x"), number("y")].concat();
        UnparsedPublicKey::new(algorithm, point).verify(message, signature)
    };
    assert_eq!(key["use"], "sig");
    let verified = match key["alg"].as_str().unwrap() {
        "RS256" => rsa(&RSA_PKCS1_2048_8192_SHA256),
        "RS384" => rsa(&RSA_PKCS1_2048_8192_SHA384),
        "RS512" => rsa(&RSA_PKCS1_2048_8192_SHA512),
        "ES256" => ec("P-256", 32, &ECDSA_P256_SHA256_FIXED),
        "ES384" => ec("P-384", 48, &ECDSA_P384_SHA384_FIXED),
        "ES512" => ec("P-521", 66, &ECDSA_P521_SHA512_FIXED),
        other => panic!("{other}"),
    };
    verified.is_ok()
}

fn data() -> Value {
    json!({ "webhook_id": 1, "event": "request.create", "object_id": 70, "payload": { "source": "ü" } })
}

#[tokio::test]
async fn tokens_of_every_algorithm_are_verified_by_the_published_key() {
    let sandbox = start().await;
    for algorithm in ["rs256", "rs384", "rs512", "es256", "es384", "es512"] {
        let input = json!({ "jwtAlg": algorithm, "jwtAudience": "orders", "jwtClaimExpiresIn": 5 });
        let (id, name) = policy(&sandbox, input);
        let issuer = format!("{}/webhook_policies/{name}", sandbox.account_url());
        let found = token(&sandbox.sign_delivery(&id, true, &data()).unwrap());
        let keys = keys(&sandbox, &issuer).await;
        let [key] = keys.as_slice() else { panic!("{keys:?}") };
        assert_eq!(key["alg"], algorithm.to_uppercase());
        assert_eq!(found.header, json!({ "alg": algorithm.to_uppercase(), "typ": "JWT", "kid": key["kid"] }));
        assert!(verifies(key, &found), "{algorithm}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let issued = found.claims["iat"].as_u64().unwrap();
        assert!((now - 5..=now).contains(&issued), "{issued} is not {now}");
        let id_of_token = found.claims["jti"].as_str().unwrap();
        assert_eq!(id_of_token.len(), 36);
        assert_eq!(
            found.claims,
            json!({ "iss": issuer, "aud": "orders", "iat": issued, "nbf": issued, "exp": issued + 300,
                "jti": id_of_token, "data": data() })
        );

        // Without discovery the account is the issuer, and the key is not named.
        let classic = token(&sandbox.sign_delivery(&id, false, &data()).unwrap());
        assert_eq!(classic.claims["iss"], sandbox.account_url());
        assert!(classic.header.get("kid").is_none());
        assert_ne!(classic.claims["jti"], found.claims["jti"]);
        assert!(verifies(key, &classic));
    }
}

#[tokio::test]
async fn algorithms_without_a_public_key_publish_nothing() {
    let sandbox = start().await;
    for (algorithm, size) in [("none", 0), ("hs256", 32), ("hs384", 48), ("hs512", 64)] {
        let (id, name) = policy(&sandbox, json!({ "jwtAlg": algorithm }));
        // Neither does it help to ask for discovery.
        let found = token(&sandbox.sign_delivery(&id, true, &data()).unwrap());
        let in_token = if size == 0 { "none".to_owned() } else { algorithm.to_uppercase() };
        assert_eq!(found.header, json!({ "alg": in_token, "typ": "JWT" }));
        assert_eq!(found.signature.len(), size);
        assert_eq!(found.claims["iss"], sandbox.account_url());
        assert!(found.claims.get("exp").is_none() && found.claims.get("aud").is_none());
        let issuer = format!("{}/webhook_policies/{name}", sandbox.account_url());
        for document in ["openid-configuration", "jwks.json"] {
            assert_eq!(get(&sandbox, &format!("{issuer}/.well-known/{document}")).await.status, 404);
        }
        assert_eq!(sandbox.rotate_key(&id), None);
    }
}

#[tokio::test]
async fn a_policy_publishes_while_it_is_enabled_and_only_over_https() {
    let sandbox = start().await;
    let (id, name) = policy(&sandbox, json!({ "jwtAlg": "es256" }));
    let path = format!("webhook_policies/{name}/.well-known/openid-configuration");
    let url = format!("{}/{path}", sandbox.account_url());
    assert_eq!(get(&sandbox, &url).await.status, 200);
    let plain = sandbox.graphql_url().replace("graphql", &path);
    let plain = tokio::task::spawn_blocking(move || send(&plain, "GET", &[], "")).await.unwrap();
    assert_eq!(plain.status, 404);
    for wrong in [
        format!("{}/.well-known/openid-configuration", sandbox.account_url()),
        format!("{}/webhook_policies/{name}", sandbox.account_url()),
        format!("{}/webhook_policies/{name}/", sandbox.account_url()),
        format!("{url}/"),
        url.replace(&name, "policy-9999"),
        url.replace(&name, ""),
    ] {
        assert_eq!(get(&sandbox, &wrong).await.status, 404, "{wrong}");
    }
    let (root, posted) = (sandbox.root_certificate().to_owned(), url.clone());
    let posted = tokio::task::spawn_blocking(move || send_secure(&posted, &root, "POST").unwrap().status);
    assert_eq!(posted.await.unwrap(), 405);

    update(&sandbox, json!({ "id": id, "disabled": true }));
    assert_eq!(get(&sandbox, &url).await.status, 404);
    update(&sandbox, json!({ "id": id, "disabled": false }));
    assert_eq!(get(&sandbox, &url).await.status, 200);
}

#[tokio::test]
async fn a_rotated_key_stays_published_until_retired() {
    let sandbox = start().await;
    let (id, name) = policy(&sandbox, json!({ "jwtAlg": "es256" }));
    let issuer = format!("{}/webhook_policies/{name}", sandbox.account_url());
    let sign = || token(&sandbox.sign_delivery(&id, true, &data()).unwrap());
    let old = sign();
    let rotated = sandbox.rotate_key(&id).unwrap();
    assert!(rotated.pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let new = sign();
    assert_eq!(new.header["kid"], rotated.kid);
    assert_ne!(new.header["kid"], old.header["kid"]);
    let both = keys(&sandbox, &issuer).await;
    let kids: Vec<&Value> = both.iter().map(|key| &key["kid"]).collect();
    assert_eq!(kids, [&new.header["kid"], &old.header["kid"]]);
    assert!(verifies(&both[0], &new) && verifies(&both[1], &old));
    assert!(!verifies(&both[0], &old) && !verifies(&both[1], &new));

    // Another algorithm is another key as well, also when nothing was signed with it.
    update(&sandbox, json!({ "id": id, "jwtAlg": "es384" }));
    update(&sandbox, json!({ "id": id, "jwtAlg": "es256" }));
    assert_ne!(sign().header["kid"], new.header["kid"]);
    update(&sandbox, json!({ "id": id, "jwtAlg": "rs512" }));
    let other = sign();
    assert_eq!(other.header["alg"], "RS512");
    assert_eq!(keys(&sandbox, &issuer).await.len(), 5);

    assert_eq!(sandbox.retire_keys(&id), 4);
    let left = keys(&sandbox, &issuer).await;
    assert_eq!(left.len(), 1);
    assert!(verifies(&left[0], &other));
    assert_eq!(sandbox.retire_keys(&id), 0);

    // An update that leaves the algorithm as it is leaves the key.
    update(&sandbox, json!({ "id": id, "jwtAlg": "rs512", "jwtClaimExpiresIn": 2 }));
    assert_eq!(sign().header["kid"], other.header["kid"]);
    for stranger in ["", "nothing", xurrent_sandbox::node_id("Person", 1).as_str()] {
        assert_eq!((sandbox.rotate_key(stranger), sandbox.retire_keys(stranger)), (None, 0));
        assert!(sandbox.sign_delivery(stranger, true, &data()).is_none());
    }
}

#[tokio::test]
async fn keys_are_rotated_over_http() {
    let sandbox = start().await;
    let (id, name) = policy(&sandbox, json!({ "jwtAlg": "es256" }));
    let (unused, _) = policy(&sandbox, json!({ "jwtAlg": "es256" }));
    let (shared, _) = policy(&sandbox, json!({ "jwtAlg": "hs256" }));
    let origin = sandbox.graphql_url().replace("/graphql", "");
    let ask = |method: &'static str, path: &str| {
        let url = format!("{origin}/sandbox/{path}");
        tokio::task::spawn_blocking(move || send(&url, method, &[], ""))
    };
    let sign = || token(&sandbox.sign_delivery(&id, true, &data()).unwrap());
    let old = sign();
    let rotated = ask("POST", &format!("rotate-keys?policy={name}")).await.unwrap();
    let policies = rotated.body["policies"].as_array().unwrap();
    assert_eq!((rotated.status, policies.len()), (200, 1), "{}", rotated.text);
    assert_eq!((&policies[0]["id"], &policies[0]["name"]), (&json!(id), &json!(name)));
    assert!(policies[0]["publicKeyPem"].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
    let new = sign();
    assert_eq!(new.header["kid"], policies[0]["kid"]);
    assert_ne!(new.header["kid"], old.header["kid"]);

    // Without a name: all policies with public keys in use.
    let rotated = ask("POST", "rotate-keys").await.unwrap();
    let ids: Vec<&Value> = rotated.body["policies"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert!(ids.contains(&&json!(id)) && !ids.contains(&&json!(shared)), "{}", rotated.text);
    let issuer = format!("{}/webhook_policies/{name}", sandbox.account_url());
    assert_eq!(keys(&sandbox, &issuer).await.len(), 3);
    let retired = ask("POST", &format!("retire-keys?policy={id}")).await.unwrap();
    assert_eq!(retired.body["policies"], json!([{ "id": id, "name": name, "retired": 2 }]));
    assert_eq!(keys(&sandbox, &issuer).await.len(), 1);

    for stranger in [shared.as_str(), "nothing", ""] {
        let refused = ask("POST", &format!("rotate-keys?policy={stranger}")).await.unwrap();
        assert_eq!(refused.status, 404, "{stranger}: {}", refused.text);
    }
    assert_eq!(ask("GET", "rotate-keys").await.unwrap().status, 405);
    assert_eq!(ask("POST", "rotate").await.unwrap().status, 404);
    assert_eq!(sandbox.retire_keys(&unused), 1, "made with its policy and rotated with all");
}

#[tokio::test]
async fn initial_policies_have_keys() {
    let sandbox = start().await;
    let list = "{ webhookPolicies { nodes { id name jwtAlg disabled } } }";
    let list = with(sandbox.engine(), list, json!({}));
    for policy in list["webhookPolicies"]["nodes"].as_array().unwrap() {
        let body = sandbox.sign_delivery(policy["id"].as_str().unwrap(), true, &data()).unwrap();
        let found = token(&body);
        assert_eq!(found.header["alg"].as_str().unwrap().to_lowercase(), policy["jwtAlg"]);
        if let Some(kid) = found.header["kid"].as_str().filter(|_| policy["disabled"] == false) {
            let key = &keys(&sandbox, found.claims["iss"].as_str().unwrap()).await[0];
            assert!(key["kid"] == kid && verifies(key, &found));
        }
    }
}

#[tokio::test]
async fn concurrent_signatures_have_the_same_key() {
    let sandbox = start().await;
    // A policy that has never signed anything: its RSA key is still to be made.
    let list = with(sandbox.engine(), "{ webhookPolicies { nodes { id jwtAlg } } }", json!({}));
    let policies = list["webhookPolicies"]["nodes"].as_array().unwrap();
    let id = policies.iter().find(|policy| policy["jwtAlg"] == "rs256").unwrap()["id"].as_str().unwrap();
    let sign = || token(&sandbox.sign_delivery(id, true, &data()).unwrap()).header["kid"].clone();
    let kids: Vec<Value> = std::thread::scope(|scope| {
        let signing: Vec<_> = (0..8).map(|_| scope.spawn(sign)).collect();
        signing.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(kids[0].is_string() && kids.iter().all(|kid| *kid == kids[0]), "{kids:?}");
}

#[tokio::test]
async fn discovery_faults_apply_to_discovery_only() {
    let sandbox = start().await;
    let (_, name) = policy(&sandbox, json!({ "jwtAlg": "es256" }));
    let url = format!("{}/webhook_policies/{name}/.well-known/openid-configuration", sandbox.account_url());
    let script = r#"[{ "fault": { "status": 503 }, "on": "discovery" }]"#;
    sandbox.faults(Fault::script(script).unwrap());
    sandbox.faults([
        Fault::status(302).header("location", "https://example.com/").on_discovery(),
        Fault::status(200).body("x".repeat(70_000)).on_discovery(),
        Fault::slow_body(Duration::from_millis(300)).on_discovery(),
    ]);
    let (root, other) = (sandbox.root_certificate(), format!("{}/introspect", sandbox.account_url()));
    assert_eq!(get(&sandbox, &other).await.status, 401);
    assert_eq!(sandbox.faults_left(), 4);
    let down = get(&sandbox, &url).await;
    assert_eq!((down.status, down.headers["cache-control"].as_str()), (503, "no-store"));
    let away = get(&sandbox, &url).await;
    assert_eq!((away.status, away.headers["location"].as_str()), (302, "https://example.com/"));
    assert_eq!(get(&sandbox, &url).await.text.len(), 70_000);
    let before = Instant::now();
    assert_eq!(get(&sandbox, &url).await.status, 200);
    assert!(before.elapsed() >= Duration::from_millis(250), "{:?}", before.elapsed());

    sandbox.faults([Fault::cut_before().on_discovery()]);
    let (root, cut) = (root.to_owned(), url.clone());
    let cut = tokio::task::spawn_blocking(move || {
        std::panic::catch_unwind(|| send_secure(&cut, &root, "GET").map(|response| response.status))
    });
    assert!(!matches!(cut.await.unwrap(), Ok(Ok(200))));
    assert_eq!(get(&sandbox, &url).await.status, 200);
}

#[tokio::test]
async fn a_slow_tls_handshake_blocks_no_other() {
    let sandbox = start().await;
    let address = sandbox.account_url().strip_prefix("https://").unwrap().to_owned();
    // Some say nothing, some say something else.
    let silent: Vec<TcpStream> = (0..50).map(|_| TcpStream::connect(&address).unwrap()).collect();
    for stream in &silent[..10] {
        (&*stream).write_all(b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").unwrap();
    }
    let other = format!("{}/introspect", sandbox.account_url());
    let before = Instant::now();
    assert_eq!(get(&sandbox, &other).await.status, 401);
    assert!(before.elapsed() < Duration::from_secs(5), "{:?}", before.elapsed());
    // Who does not speak TLS gets no response in plain text.
    let mut said = Vec::new();
    let _ = (&silent[0]).read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
    // Nor does any of them hold up the end.
    let before = Instant::now();
    sandbox.shutdown().await;
    assert!(before.elapsed() < Duration::from_secs(4), "{:?}", before.elapsed());
}

#[tokio::test]
async fn the_certificate_is_for_loopback_and_issued_by_the_authority() {
    let (one, other) = (start().await, start().await);
    assert_eq!(one.root_certificate(), other.root_certificate());
    assert_ne!(one.account_url(), other.account_url());
    let root = one.root_certificate().to_owned();
    let url = format!("{}/introspect", one.account_url());
    let by_name = url.replace("127.0.0.1", "localhost");
    let stranger = {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
    };
    tokio::task::spawn_blocking(move || {
        assert_eq!(send_secure(&url, &root, "GET").unwrap().status, 401);
        assert_eq!(send_secure(&by_name, &root, "GET").unwrap().status, 401);
        let refused = send_secure(&url, &stranger, "GET").map(|response| response.status).unwrap_err();
        assert!(refused.to_string().contains("UnknownIssuer"), "{refused}");
    })
    .await
    .unwrap();
    let debug = format!("{one:?}");
    assert!(!debug.contains("PRIVATE"), "{debug}");
    // A other takes ports of its own.
    let other = one.to_builder().start().await.unwrap();
    assert_ne!(other.account_url(), one.account_url());
    let url = other.account_url().to_owned();
    other.shutdown().await;
    assert!(TcpStream::connect(url.strip_prefix("https://").unwrap()).is_err());
}
