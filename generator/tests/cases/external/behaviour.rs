use crate::{Client, HookFilter};
use xurrent_runtime::MemoryTransport;
use xurrent_webhook_events::WebhookEvent;

#[test]
fn a_type_of_another_crate_is_decoded_and_sent() {
    let data = serde_json::json!({ "data": { "hook": { "event": "ci.create", "events": ["new.event"] } } });
    let transport = MemoryTransport::new(move |_| data.clone());
    let builder = xurrent_runtime::Client::builder().personal_access_token("t");
    let client = Client(builder.transport(transport).build().unwrap().runtime().clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let hook = runtime.block_on(async { client.hook(WebhookEvent::CiCreate).await }).unwrap().unwrap();
    assert_eq!(hook.event, Some(crate::WebhookEvent::CiCreate));
    assert_eq!(hook.events, [WebhookEvent::Unrecognized("new.event".to_owned())]);

    let filter = HookFilter::new(WebhookEvent::CiUpdate).others([WebhookEvent::CiCreate]);
    assert_eq!(serde_json::to_string(&filter).unwrap(), r#"{"event":"ci.update","others":["ci.create"]}"#);
    assert!(serde_json::from_str::<HookFilter>(r#"{"event":"ci.update"}"#).is_ok());
}
