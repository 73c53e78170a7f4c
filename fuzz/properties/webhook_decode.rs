//! Bodies without signature, and the headers beside them: read to the last field or refused.
//!
//! The input is the value of the header `Link`, a line feed, and the body.

use http::{HeaderMap, HeaderValue, header};
use std::sync::LazyLock;
use xurrent_webhook::{CommonPayload, OutOfOfficePeriodPayload, TimeEntryPayload, Verifier, VerifyPayload};

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());
static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let builder = Verifier::builder().account_url("https://wdc.xurrent.com");
    // A body that has a token is refused for its issuer, before a key is looked for.
    builder.issuer("https://nobody.example").dangerously_accept_unsigned().build().unwrap()
});

pub(crate) fn check(input: &[u8]) {
    let (link, body) = match input.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (&b""[..], input),
    };
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_bytes(link) {
        headers.insert(header::LINK, value.clone());
        headers.insert("x-xurrent-delivery", value);
    }
    let Ok(delivery) = RUNTIME.block_on(VERIFIER.verify(&headers, body)) else { return };
    assert!(!delivery.signed);
    let _ = delivery.typed_payload();
    let _ = delivery.payload::<CommonPayload>();
    let _ = delivery.payload::<OutOfOfficePeriodPayload>();
    let _ = delivery.payload::<VerifyPayload>();
    if let Ok(entry) = delivery.payload::<TimeEntryPayload>() {
        let text = xurrent_values::Json::from_serialize(&entry).unwrap();
        assert_eq!(text.parse::<TimeEntryPayload>().unwrap(), entry);
    }
}
