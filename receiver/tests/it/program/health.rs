//! Liveness and readiness, which probes of a container and of a load balancer ask.

use super::Setup;
use super::all_text;
use super::target::Target;
use crate::support::{Sender, until};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_follows_the_inbox_and_the_shutdown_and_liveness_does_not() {
    let target = Target::start().await;
    target.delay(Duration::from_secs(3));
    let setup = Setup::with_url(target.address, "");
    let mut service = setup.serve();
    let address = service.monitoring.unwrap();
    let get = async |path: &str| {
        let reply = Sender::connect(address).await.unwrap().get(path).await.unwrap();
        (reply.status, reply.body)
    };
    // The command asks the address of the configuration, which is a port of the system here.
    let text = std::fs::read_to_string(setup.path("config.toml")).unwrap();
    let asked = setup.path("asked.toml");
    std::fs::write(
        &asked,
        text.replace("monitoring = \"127.0.0.1:0\"", &format!("monitoring = \"0.0.0.0:{}\"", address.port())),
    )
    .unwrap();
    let health = |arguments: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_xurrent-receiver"));
        let output = command.args(arguments.split(' ')).arg("--config").arg(&asked).output().unwrap();
        (output.status.code(), all_text(&output))
    };
    assert_eq!((get("/live").await, get("/health").await), ((200, "ok\n".into()), (200, "ok\n".into())));
    assert_eq!(
        (health("health"), health("health --live")),
        ((Some(0), "ok\n".into()), (Some(0), "ok\n".into()))
    );

    std::fs::rename(setup.path("inbox.sqlite"), setup.path("moved")).unwrap();
    let (status, reason) = get("/health").await;
    assert!(status == 503 && reason.contains("was deleted or replaced while in use"), "{status} {reason}");
    assert_eq!(get("/live").await.0, 200);
    let (code, text) = health("health");
    assert!(code == Some(1) && text.contains("was deleted or replaced while in use"), "{text}");
    assert_eq!(health("health --live").0, Some(0));
    std::fs::rename(setup.path("moved"), setup.path("inbox.sqlite")).unwrap();
    assert_eq!(get("/health").await.0, 200, "it is back");

    // A delivery under way holds the shutdown up.
    assert_eq!(service.deliver("a", &setup.body("request.create", 70)).await, 200);
    until("it is taken", async || setup.succeed("stats --format json").contains("\"taken\":1")).await;
    service.signal("-TERM");
    until("it is not ready", async || get("/health").await == (503, "the receiver is stopping\n".into()))
        .await;
    assert_eq!(get("/live").await.0, 200);
    assert!(service.ended().await);
    let (code, text) = health("health --live");
    assert!(code == Some(1) && text.contains("no response of http://127.0.0.1:"), "{text}");
    setup.write("config.toml", &std::fs::read_to_string(&asked).unwrap().replace("monitoring", "#"));
    let unset = setup.run("health");
    assert!(unset.status.code() == Some(2) && all_text(&unset).contains("`monitoring` is not set"));
}
