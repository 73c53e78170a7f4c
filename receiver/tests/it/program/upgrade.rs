//! Two versions side by side on a PostgreSQL server: the next one has migrated, this one serves on.

use super::target::Target;
use super::{Service, Setup, all_text};
use crate::postgres::{new_schema, server};
use crate::support::until;
use std::collections::BTreeSet;
use tokio_postgres::NoTls;

/// What a next version does that adds something.
const ADDED: &str = "ALTER TABLE xurrent_delivery ADD COLUMN added text;
    CREATE TABLE xurrent_added (id bigint);
    UPDATE xurrent_inbox SET version = version + 1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_of_this_version_serve_beside_the_next_one_until_it_raises_the_minimum() {
    let Some(server) = server() else { return };
    let (url, target) = (new_schema(&server).await, Target::start().await);
    let setup = Setup::with_url(target.address, "");
    let text = std::fs::read_to_string(setup.path("config.toml")).unwrap();
    setup.write("config.toml", &text.replace("sqlite = \"inbox.sqlite\"", "postgres_url_file = \"url\""));
    setup.write("url", &url);
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);

    let before = setup.serve();
    assert_eq!(before.deliver("before", &setup.body("request.create", 1)).await, 200);
    client.batch_execute(&format!("BEGIN; {ADDED}; COMMIT")).await.unwrap();
    let after = setup.serve();
    let without = Service::start(setup.command("serve --no-migrate"));
    let mut ids = BTreeSet::from(["before".to_owned()]);
    for (service, name) in [(&before, "old"), (&after, "new"), (&without, "unmigrated")] {
        for number in 0..5 {
            let id = format!("{name} {number}");
            assert_eq!(service.deliver(&id, &setup.body("request.create", 1)).await, 200, "{id}");
            ids.insert(id);
        }
    }
    let arrived = || target.origins().into_iter().collect::<BTreeSet<_>>();
    until("all arrive", async || arrived() == ids).await;
    let known = "version 6 of a newer program; this one, of version 5, can use it, as all from 3";
    assert_eq!(setup.succeed("migrate"), format!("the inbox has {known}\n"));
    assert!(all_text(&setup.run("check")).contains(&format!("ok: inbox: {known}\n")));
    assert!(setup.succeed("stats").starts_with("service: "));

    client.batch_execute("UPDATE xurrent_inbox SET minimum = version").await.unwrap();
    for command in ["serve", "serve --no-migrate", "migrate", "stats"] {
        let refused = setup.run(command);
        let expected = "inbox has schema version 6, which needs a program of version 6 or newer, but this \
                        program has version 5: run the newer program";
        let text = all_text(&refused);
        assert!(text.contains(expected) && refused.status.code() == Some(1), "{command}: {text}");
    }
    // What runs already goes on.
    assert_eq!(before.deliver("last", &setup.body("request.create", 1)).await, 200);
    until("it arrives", async || arrived().contains("last")).await;
}
