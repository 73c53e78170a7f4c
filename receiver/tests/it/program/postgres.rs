//! The program with an inbox and a table on a PostgreSQL server.

use super::{Setup, all_text};
use crate::postgres::{new_schema, server};
use crate::support::until;
use std::process::Command;
use tokio_postgres::{Client, NoTls};

const TABLE: &str =
    "CREATE TABLE \"Deliveries\" (id text PRIMARY KEY, received timestamptz NOT NULL, account text NOT NULL,
    event text NOT NULL, object_id bigint NOT NULL, record text, message json NOT NULL)";

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_go_through_an_inbox_on_a_server_into_a_table_once() {
    let Some(server) = server() else { return };
    let url = new_schema(&server).await;
    let setup = Setup::new("table = \"Deliveries\"\n[worker]\nmax_attempts = 1");
    let text = std::fs::read_to_string(setup.path("config.toml")).unwrap();
    setup.write("config.toml", &text.replace("sqlite = \"inbox.sqlite\"", "postgres_url_file = \"url\""));
    setup.write("url", &url);
    let refused = all_text(&setup.run("serve --no-migrate"));
    assert!(refused.contains("schema version 0, but this program needs version 5"), "{refused}");
    assert_eq!(setup.succeed("migrate"), "migrated the inbox from version 0 to version 5\n");

    let mut service = setup.serve();
    // Without the table, the delivery fails.
    assert_eq!(service.deliver("a", &setup.body("request.create", 70)).await, 200);
    until("it is dead", async || setup.succeed("dead list").lines().count() == 2).await;
    let list = setup.succeed("dead list");
    assert!(list.contains("relation \"Deliveries\" does not exist"), "{list}");
    let client = connect(&url).await;
    client.batch_execute(TABLE).await.unwrap();
    // There is no socket: commands use the server.
    assert_eq!(setup.run("pause").status.code(), Some(1));
    assert_eq!(setup.succeed("dead retry --all"), "retried 1 dead letters\n");
    let count = async || client.query("SELECT 1 FROM \"Deliveries\"", &[]).await.unwrap().len();
    until("it is inserted", async || count().await == 1).await;
    // As if the process had been killed before the success was stored.
    let again = "UPDATE xurrent_delivery SET state = 3, body = convert_to($1, 'UTF8')";
    let row = client.query_one("SELECT *, message::text AS json FROM \"Deliveries\"", &[]).await.unwrap();
    let json: String = row.get("json");
    until("it is done", async || setup.succeed("stats --format json").contains("\"taken\":0,\"dead\":0"))
        .await;
    client.execute(again, &[&json]).await.unwrap();
    assert_eq!(setup.succeed("dead retry --all"), "retried 1 dead letters\n");
    until("it is done", async || setup.succeed("stats --format json").contains("\"taken\":0,\"dead\":0"))
        .await;
    assert_eq!(count().await, 1);
    assert_eq!((row.get::<_, &str>("id"), row.get::<_, &str>("event")), ("a", "request.create"));
    assert_eq!((row.get::<_, i64>("object_id"), row.get::<_, &str>("account")), (70, super::ACCOUNT));
    assert!(json.contains("\"object_id\":70"), "{json}");
    assert!(service.terminate().await);
}

#[test]
fn connection_strings_are_not_repeated_and_names_of_tables_are_plain() {
    let setup = Setup::new("");
    let run = |mut command: Command| all_text(&command.output().unwrap());
    let cases = [
        (
            "Deliveries",
            "host=localhost password=hunter2 prot=1",
            "`target.postgres_url`: not a connection string",
        ),
        ("a.b.c", "host=localhost", "`target.table`: invalid name \"a.b.c\""),
        ("x\\\"; --", "host=localhost", "`target.table`: invalid name"),
    ];
    for (table, url, expected) in cases {
        setup.configure(&format!("table = \"{table}\""));
        let mut command = setup.command("serve --no-migrate");
        command.env("XURRENT_RECEIVER_TARGET__POSTGRES_URL", url);
        let text = run(command);
        assert!(text.contains(expected) && !text.contains("hunter2"), "{text}");
    }
    setup.configure("table = \"x\"");
    assert!(run(setup.command("serve")).contains("`target.postgres_url_file` is missing"));
}

#[cfg(feature = "__rustls")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_inbox_and_the_table_are_reached_with_tls_or_not_at_all() {
    let Some(server) = crate::postgres_tls::TlsServer::start(true) else { return };
    let setup = Setup::new("table = \"Deliveries\"");
    let text = std::fs::read_to_string(setup.path("config.toml")).unwrap();
    setup.write("config.toml", &text.replace("sqlite = \"inbox.sqlite\"", "postgres_url_file = \"url\""));
    let verified = |file: &str| format!("sslmode=verify-full&sslrootcert={{files}}/{file}.pem");
    setup.write("url", &server.url("localhost", &verified("right")));
    let client = connect(&server.url("localhost", "sslmode=disable")).await;
    client.batch_execute(TABLE).await.unwrap();
    let checked = all_text(&setup.run("check"));
    assert!(
        checked.contains("ok: inbox: there is none yet") && checked.contains("ok: target: valid"),
        "{checked}"
    );
    let mut service = setup.serve();
    assert_eq!(service.deliver("a", &setup.body("request.create", 70)).await, 200);
    let count = async || client.query("SELECT 1 FROM \"Deliveries\"", &[]).await.unwrap().len();
    until("it is inserted", async || count().await == 1).await;
    let sql =
        "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND usename = 'test'";
    assert!(client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) >= 2, "of the inbox and of the table");
    assert!(service.terminate().await);
    for (host, file, expected) in
        [("localhost", "wrong", "UnknownIssuer"), ("127.0.0.1", "right", "certificate not valid for name")]
    {
        setup.write("url", &server.url(host, &verified(file)));
        let refused = setup.run("serve");
        let text = all_text(&refused);
        assert!(text.contains(expected) && refused.status.code() == Some(1), "{text}");
        let checked = all_text(&setup.run("check"));
        assert!(checked.contains("error: inbox: ") && checked.contains("error: target: "), "{checked}");
    }
    setup.write("url", &server.url("localhost", "sslmode=verify-ca"));
    let refused = setup.run("serve");
    let text = all_text(&refused);
    assert!(
        text.contains("`inbox.postgres_url`: anyone can have a certificate")
            && refused.status.code() == Some(2)
    );
}
