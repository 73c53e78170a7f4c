//! Mirrors people, teams, organizations and requests of an account in SQLite or PostgreSQL.
//!
//! ```text
//! cargo run -p xurrent-mirror -- mirror.sqlite sync              read what changed, at first everything
//! cargo run -p xurrent-mirror -- mirror.sqlite compare           read everything again, and find what is gone
//! cargo run -p xurrent-mirror -- mirror.sqlite serve ADDRESS     sync every minute, and receive webhooks
//! ```
//!
//! It can be killed at any moment and started again. `docs/mirroring.md` explains how and what it costs.
//! `Client::from_env` has the variables of the account. `serve` keeps deliveries in `MIRROR_INBOX` (a file, by default
//! `mirror.inbox`), verifies those of `XURRENT_ACCOUNT_URL`, and with `WEBHOOK_SECRET` accepts unsigned ones at
//! `/xurrent?secret=..`; `MIRROR_SECONDS` are between two syncs. Exit codes: 0 done, 1 failed.

mod kinds;
mod store;

use anyhow::{Context, Result, bail};
use kinds::{Kind, MirroredOrganization, MirroredPerson, MirroredRequest, MirroredTeam};
use std::{env, sync::Arc, time::Duration};
use store::{Store, advance, gone, put};
use xurrent::changes::{Change, DEFAULT_OVERLAP};
use xurrent::{jiff::Timestamp, *};
use xurrent_receiver::{Failure, Inbox, InboxReplayProtection, QueuedDelivery, Receiver, Server};
use xurrent_receiver::{inbox::sqlite::SqliteInbox, shutdown_signal, webhook::Verifier};

struct Mirror {
    client: Client,
    store: Store,
}

/// Reads the records again that came into a list, `archive` or `trash`, since the last time. The first time, the views
/// have them. Restored records leave the list without a trace.
macro_rules! moved {
    ($self:ident, $list:ident, $record:ident, $filter:ident, $order:ident, $field:ident, $view:ident) => {{
        let known = $self.store.progress(stringify!($list)).await?;
        let since = RangeFilter::new().greater_than_or_equal_to(known.unwrap_or_default() - DEFAULT_OVERLAP);
        let query = $self.client.$list().view($view::All).filter($filter::new().created_at(since));
        let mut entries = query.order([$order::asc($field::CreatedAt)]).stream();
        let mut last = known.unwrap_or_default();
        while let Some(entry) = entries.try_next().await? {
            if let (Some(_), Some(record)) = (known, entry.$record) {
                let kind = record.typename.as_str().to_lowercase();
                $self.refresh_any(&kind, record.id.into_iter().collect()).await?;
            }
            last = last.max(entry.created_at.and_then(|at| at.instant()).unwrap_or_default());
        }
        $self.store.write(vec![advance(stringify!($list), last)]).await?;
    }};
}

impl Mirror {
    /// Reads what changed since the last time.
    async fn sync(&self) -> Result<()> {
        moved!(self, archive, archived, ArchiveFilter, ArchiveOrder, ArchiveOrderField, ArchiveView);
        moved!(self, trash, trashed, TrashFilter, TrashOrder, TrashOrderField, TrashView);
        self.pull_all(false).await
    }

    /// Reads every kind: what changed, or everything.
    async fn pull_all(&self, everything: bool) -> Result<()> {
        self.pull::<MirroredPerson>(everything).await?;
        self.pull::<MirroredTeam>(everything).await?;
        self.pull::<MirroredOrganization>(everything).await?;
        self.pull::<MirroredRequest>(everything).await
    }

    /// Reads records again. Kinds that are not mirrored are ignored.
    async fn refresh_any(&self, kind: &str, ids: Vec<Id>) -> Result<()> {
        match kind {
            "person" => self.refresh::<MirroredPerson>(ids).await,
            "team" => self.refresh::<MirroredTeam>(ids).await,
            "organization" => self.refresh::<MirroredOrganization>(ids).await,
            "request" => self.refresh::<MirroredRequest>(ids).await,
            _ => Ok(()),
        }
    }

    /// Reads the records of one kind, page by page: those that changed, or every one and then those that were not shown.
    async fn pull<K: Kind>(&self, everything: bool) -> Result<()> {
        let start = Timestamp::now();
        for (view, name) in K::VIEWS.iter().enumerate() {
            let since = if everything { None } else { self.store.progress(name).await? };
            let mut changes = K::changes(&self.client, view, since);
            let mut read_at = Timestamp::now();
            while let Some(page) = changes.try_next().await? {
                let mut writes = Vec::new();
                for Change { id, updated_at, record, .. } in page {
                    let json = serde_json::to_string(&record)?;
                    writes.push(put(K::NAME, id.as_str(), updated_at, read_at, json));
                }
                // With the records, so that none is skipped after a crash.
                writes.extend(changes.position().map(|position| advance(name, position)));
                self.store.write(writes).await?;
                read_at = Timestamp::now();
            }
        }
        let missing = if everything { self.store.not_read_since(K::NAME, start).await? } else { Vec::new() };
        self.refresh::<K>(missing.into_iter().map(Id::from).collect()).await
    }

    /// Reads records by their ids. What is deleted, or not shown to this token, is gone.
    async fn refresh<K: Kind>(&self, ids: Vec<Id>) -> Result<()> {
        let read_at = Timestamp::now();
        let calls = ids.iter().map(|id| self.client.node::<Change<K>>(id));
        let mut results = self.client.batch_all(calls.collect::<Vec<_>>());
        while let Some((index, result)) = results.next().await {
            let id = ids[index].as_str();
            let write = match result? {
                Some(it) => put(K::NAME, id, it.updated_at, read_at, serde_json::to_string(&it.record)?),
                None => gone(K::NAME, id, read_at),
            };
            self.store.write(vec![write]).await?;
        }
        Ok(())
    }

    /// Reads the record of a delivery: what the delivery itself says may be old.
    async fn handle(&self, delivery: QueuedDelivery) -> Result<(), Failure> {
        let ids = delivery.object_node_id.iter().cloned().collect();
        let refreshed = self.refresh_any(delivery.event.object(), ids).await;
        refreshed.map_err(|error| Failure::retry(format!("{error:#}")))
    }
}

async fn serve(mirror: Arc<Mirror>, address: &str) -> Result<()> {
    let verifier = Verifier::builder().replay_store(InboxReplayProtection);
    let url = env::var("XURRENT_ACCOUNT_URL").context("set XURRENT_ACCOUNT_URL")?;
    let verifier = match env::var("WEBHOOK_SECRET") {
        Ok(secret) => verifier.secret_query_parameter("secret", secret).dangerously_accept_unsigned(),
        Err(_) => verifier,
    };
    let inbox = SqliteInbox::open(env::var("MIRROR_INBOX").unwrap_or("mirror.inbox".to_owned())).await?;
    let receiver = Receiver::builder(verifier.account_url(url).build()?, inbox.clone()).build();
    let handler = Arc::clone(&mirror);
    let worker = receiver.worker().in_order().start(move |delivery| {
        let mirror = Arc::clone(&handler);
        async move { mirror.handle(delivery).await }
    });
    let seconds = env::var("MIRROR_SECONDS").map_or(Ok(60.0), |seconds| seconds.parse())?;
    let syncs = tokio::spawn(async move {
        loop {
            let _ = mirror.sync().await.inspect_err(|error| eprintln!("sync: {error:#}"));
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        }
    });
    let listener = tokio::net::TcpListener::bind(address).await?;
    Server::new(receiver.router("/xurrent")).serve(listener, shutdown_signal()).await;
    syncs.abort();
    worker.shutdown(Duration::from_secs(20)).await;
    inbox.close().await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [database, command, address @ ..] = &arguments[..] else {
        bail!("usage: mirror DATABASE sync|compare|serve ADDRESS");
    };
    let mirror = Mirror { client: Client::from_env()?, store: Store::open(database).await? };
    match (command.as_str(), address) {
        ("sync", []) => mirror.sync().await,
        ("compare", []) => mirror.pull_all(true).await,
        ("serve", [address]) => serve(Arc::new(mirror), address).await,
        _ => bail!("usage: mirror DATABASE sync|compare|serve ADDRESS"),
    }
}
