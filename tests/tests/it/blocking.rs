//! The blocking client, against the sandbox.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::sandboxed::{builder, start};
use serde_json::json;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{block_in_place, spawn_blocking};
use xurrent::blocking::{Client, Iter};
use xurrent::hook::RequestEnd;
use xurrent::{
    ClientBuilder, DiscoveredConfigurationItemsInput, DiscoveredConfigurationItemsPayload, Error, ErrorKind,
    Hook, Id, Person, PersonFilter, PersonOrder, PersonOrderField, PersonView, RecordStream, RequestCategory,
    RequestCreateInput, RequestUpdateInput, RetryPolicy, Select, Upload,
};
use xurrent_sandbox::{Fault, Sandbox, SandboxBuilder};

#[derive(Debug, PartialEq, Select)]
#[select(on = Person)]
struct OnlyId {
    id: Id,
}

/// A sandbox on threads of its own, and a blocking client of it.
struct Setup {
    client: Client,
    sandbox: Sandbox,
    runtime: Runtime,
}

fn setup(
    sandbox: impl FnOnce(SandboxBuilder) -> SandboxBuilder,
    client: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Setup {
    let runtime = Runtime::new().unwrap();
    let sandbox = runtime.block_on(start(sandbox));
    let client = Client::new(client(builder(&sandbox)).build().unwrap()).unwrap();
    Setup { client, sandbox, runtime }
}

fn without_limits() -> Setup {
    setup(|it| it, ClientBuilder::no_rate_limit)
}

fn is_refused(error: &Error) -> bool {
    error.kind() == ErrorKind::Configuration && error.to_string().contains("within an async context")
}

#[test]
fn connections() {
    let Setup { client, sandbox, runtime: _runtime } = without_limits();
    let all = client.people().all().unwrap();
    let total = client.people().count().unwrap();
    assert!(all.len() > 20 && all.len() as i64 == total);

    let ids = |people: &[Person]| people.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
    let streamed: Vec<Person> = client.people().page_size(7).stream().map(Result::unwrap).collect();
    assert_eq!(ids(&streamed), ids(&all));
    let paged: Vec<_> = client.people().page_size(7).pages().map(Result::unwrap).collect();
    assert!(paged.len() > 2 && paged.iter().map(|page| page.nodes.len()).sum::<usize>() == all.len());

    let query = client
        .people()
        .view(PersonView::All)
        .filter(PersonFilter::new().disabled(false))
        .order([PersonOrder::desc(PersonOrderField::Name)])
        .max_requests(10)
        .retry(RetryPolicy::never());
    let names: Vec<_> = query.clone().all().unwrap().into_iter().map(|it| it.name.unwrap()).collect();
    assert!(names.is_sorted_by(|a, b| a.to_lowercase() >= b.to_lowercase()), "{names:?}");
    assert_eq!(query.clone().first().unwrap().unwrap().name.as_ref(), names.first());
    let selected: OnlyId = query.limit(1).select::<OnlyId>().prefetch(false).first().unwrap().unwrap();
    assert!(all.iter().any(|it| it.id == selected.id));

    let page = client.people().page_size(5).pages().next().unwrap().unwrap();
    let after = client.people().after(page.end_cursor.unwrap()).first().unwrap().unwrap();
    assert_eq!(after.id, all[5].id);
    let mut people = client.people().page_size(5).allow_partial().stream();
    people.by_ref().take(3).for_each(|person| drop(person.unwrap()));
    assert!(people.errors().is_empty());
    let rest = client.people().resume(people.position()).all().unwrap();
    assert_eq!(ids(&rest), ids(&all[3..]));
    assert!(sandbox.requests().iter().all(|request| request.status == 200));
}

#[test]
fn single_records_and_documents() {
    let Setup { client, sandbox: _sandbox, runtime: _runtime } = without_limits();
    let me = client.me().send().unwrap().unwrap();
    assert_eq!(client.me().select::<OnlyId>().send().unwrap().unwrap().id, me.id);
    assert!(client.me().allow_partial().unwrap().errors.is_empty());
    assert_eq!(client.node::<Person>(&me.id).send().unwrap().unwrap().name, me.name);
    assert_eq!(client.node::<Person>(&me.id).select::<OnlyId>().send().unwrap().unwrap().id, me.id);
    let organization = client.get(me.organization.as_ref().unwrap()).send().unwrap().unwrap();
    assert!(organization.name.is_some());

    let raw = client.raw("query A { me { id } } query B { me { name } }", ()).operation_name("A");
    assert!(raw.clone().send().unwrap().as_text().contains(me.id.as_str()));
    assert!(raw.allow_partial().unwrap().errors.is_empty());

    let scopes = client.check().unwrap().scopes;
    assert!(!scopes.is_empty());
    assert!(client.budget().requests.remaining.is_some() && client.budgets().len() == 1);
    assert!(client.for_account("other").unwrap().me().send().is_err(), "the token is of one account");
    let webhooks = client.block_on(client.as_async().webhooks_api().list().all()).unwrap();
    assert!(!webhooks.is_empty());
}

#[test]
fn operations_of_your_own() {
    #[derive(Select)]
    #[select(on = Query)]
    struct Mine {
        me: Option<OnlyId>,
    }
    let Setup { client, sandbox: _sandbox, runtime: _runtime } = without_limits();
    let me = client.me().send().unwrap().unwrap();
    assert_eq!(client.query::<Mine>(()).send().unwrap().me.unwrap().id, me.id);
    let partial = client.query::<Mine>(()).retry(RetryPolicy::never()).allow_partial().unwrap();
    assert_eq!(partial.data.unwrap().me.unwrap().id, me.id);
}

#[test]
fn mutations() {
    #[derive(Select)]
    #[select(on = RequestCreatePayload)]
    struct Created {
        request: Option<Subject>,
    }
    #[derive(Select)]
    #[select(on = Request)]
    struct Subject {
        id: Id,
        subject: Option<String>,
    }
    let Setup { client, sandbox: _sandbox, runtime: _runtime } = without_limits();
    let input = RequestCreateInput::new().category(RequestCategory::Incident);
    let create = |subject: &str| client.request_create(input.clone().subject(subject));
    let created = create("first").send().unwrap().request.unwrap();
    assert_eq!(created.subject.as_deref(), Some("first"));
    let second = create("second").select::<Created>().send().unwrap().request.unwrap();
    assert_eq!(second.subject.as_deref(), Some("second"));
    assert_eq!(create("third").record::<Subject>().send().unwrap().subject.as_deref(), Some("third"));
    assert!(create(" ").send().unwrap_err().is_payload());
    assert!(!create(" ").allow_partial().unwrap().errors.is_empty());
    // After an error, everything works on.
    let update = RequestUpdateInput::new(&second.id).subject("changed");
    let payload = client.request_update(update).retry(RetryPolicy::never()).send().unwrap();
    assert_eq!(payload.request.unwrap().subject.as_deref(), Some("changed"));
}

#[test]
fn batches() {
    let Setup { client, sandbox: _sandbox, runtime: _runtime } = without_limits();
    let (people, me) = client.batch((client.people().complete(), client.me())).send().unwrap();
    let (people, me) = (people.unwrap(), me.unwrap().unwrap());
    assert!(people.iter().any(|person| person.id == me.id));
    let nodes = client.batch(vec![client.node::<OnlyId>(&me.id), client.node(&people[0].id)]).send().unwrap();
    assert_eq!(nodes[1].as_ref().unwrap().as_ref().unwrap().id, people[0].id);

    let calls = people.iter().map(|person| client.node::<OnlyId>(&person.id));
    let mut results = client.batch_all(calls).calls_per_request(4).resume(2).retry(RetryPolicy::never());
    assert_eq!(results.size_hint(), (people.len() - 2, Some(people.len() - 2)));
    let (index, first) = results.next().unwrap();
    assert_eq!((index, first.unwrap().unwrap().id), (2, people[2].id.clone()));
    assert_eq!((results.position(), results.pending()), (3, 3..6));
    results.stop();
    assert_eq!(results.map(|(index, _)| index).collect::<Vec<_>>(), [3, 4, 5]);
}

#[test]
fn a_batch_takes_its_calls_from_a_stream_of_the_same_client() {
    let Setup { client, sandbox, runtime: _runtime } = without_limits();
    let people = client.people().select::<OnlyId>().page_size(5).limit(12).stream();
    let again = people.map(|person| client.node::<OnlyId>(person.unwrap().id));
    let results: Vec<_> = client.batch_all(again).calls_per_request(3).map(|(_, it)| it.unwrap()).collect();
    assert!(results.len() == 12 && results.iter().all(Option::is_some));
    assert_eq!(sandbox.requests().len(), 3 + 4);
}

#[test]
fn uploads_report_progress_and_results_are_awaited() {
    let Setup { client, sandbox, runtime: _runtime } = without_limits();
    let (sender, progress) = mpsc::channel();
    let report =
        Upload::bytes("report.txt", "twelve bytes").on_progress(move |sent, _| sender.send(sent).unwrap());
    let file = client.upload(report).retry(RetryPolicy::never()).send().unwrap();
    assert_eq!((file.size, sandbox.uploads().len()), (12, 1));
    assert_eq!(progress.into_iter().last(), Some(12));

    let assets = json!({
        "source": "scanner",
        "physicalAssets": [{ "name": "Laptop", "reference": "laptop_computer", "products": [
            { "brand": "B", "model": "M", "name": "B M", "sourceID": "p-1",
              "configurationItems": [{ "name": "item", "sourceID": "1" }] },
        ] }],
    });
    let input: DiscoveredConfigurationItemsInput = serde_json::from_value(assets).unwrap();
    let url = client.discovered_configuration_items(input).send().unwrap().async_query.unwrap().result_url;
    let result = client
        .async_result::<DiscoveredConfigurationItemsPayload>(url.unwrap())
        .map(|call| call.poll_interval(Duration::from_millis(50)))
        .send();
    assert_eq!(result.unwrap().configuration_items.unwrap().len(), 1);
}

#[test]
fn a_page_is_prefetched_while_one_is_processed() {
    let Setup { client, sandbox, runtime: _runtime } = without_limits();
    let mut people = client.people().select::<OnlyId>().page_size(5).stream();
    people.next().unwrap().unwrap();
    // Nothing but the thread of the client can send the second request.
    while sandbox.requests().len() < 2 {
        thread::yield_now();
    }
    // An iterator that is dropped early leaves everything usable.
    drop(people);
    assert!(client.me().send().unwrap().is_some());
}

#[test]
fn an_iterator_outlives_its_client_and_ends_after_an_error() {
    let Setup { client, sandbox, runtime: _runtime } = without_limits();
    let mut people = client.with_retry(RetryPolicy::never()).people().page_size(5).prefetch(false).stream();
    assert!(people.next().unwrap().is_ok());
    sandbox.faults([Fault::status(500)]);
    drop(client);
    let rest: Vec<_> = people.by_ref().take(100).collect();
    assert_eq!((rest.len(), rest.iter().filter(|it| it.is_err()).count()), (5, 1));
    assert!(people.next().is_none());
}

#[test]
fn threads_share_a_client_and_its_rate_limit() {
    let window = Duration::from_millis(300);
    let Setup { client, sandbox, runtime: _runtime } =
        setup(|it| it.burst(5, window), |it| it.rate_limit(5, window));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5).for_each(|_| assert!(client.me().send().unwrap().is_some())));
        }
    });
    assert_eq!(sandbox.requests().len(), 20);
    assert!(sandbox.requests().iter().all(|request| request.status == 200), "the limit was exceeded");
}

#[test]
fn an_async_context_is_an_error_and_a_thread_that_may_block_is_none() {
    let Setup { client, sandbox, runtime } = without_limits();
    let refuse = |client: &Client| {
        assert!(is_refused(&client.me().send().unwrap_err()));
        assert!(is_refused(&client.people().all().unwrap_err()));
        assert!(is_refused(&client.check().unwrap_err()));
        let items: Vec<_> = client.people().stream().collect();
        assert!(items.len() == 1 && is_refused(items[0].as_ref().unwrap_err()));
        assert_eq!(client.people().pages().filter(Result::is_err).count(), 1);
        let mut results = client.batch_all([client.me()]);
        let (index, result) = results.next().unwrap();
        assert!(index == 0 && is_refused(&result.unwrap_err()));
        assert!(results.next().is_none() && results.size_hint() == (0, Some(0)));
    };
    let current = Builder::new_current_thread().build().unwrap();
    current.block_on(async { refuse(&client) });
    runtime.block_on(async { refuse(&client) });
    let in_task = client.clone();
    runtime.block_on(runtime.spawn(async move { refuse(&in_task) })).unwrap();
    assert!(sandbox.requests().is_empty());

    let in_thread = client.clone();
    let spawned = runtime.spawn(async move {
        let other = in_thread.clone();
        let id = spawn_blocking(move || other.me().send().unwrap().unwrap().id).await.unwrap();
        assert_eq!(block_in_place(|| in_thread.me().send()).unwrap().unwrap().id, id);
        // Dropped in a task, as the last owner of the thread.
        drop(in_thread);
    });
    let _context = runtime.enter();
    assert!(client.me().send().unwrap().is_some());
    drop(client);
    runtime.block_on(spawned).unwrap();
}

/// Makes a blocking call after each request for people, and counts the outcomes.
#[derive(Clone, Default)]
struct Nested {
    client: Arc<OnceLock<Client>>,
    sent: Arc<AtomicUsize>,
    refused: Arc<AtomicUsize>,
}

impl Hook for Nested {
    fn after_request(&self, request: &RequestEnd<'_>) {
        if request.operation == Some("people") {
            match self.client.get().unwrap().me().send() {
                Ok(_) => self.sent.fetch_add(1, Ordering::SeqCst),
                Err(error) => self.refused.fetch_add(usize::from(is_refused(&error)), Ordering::SeqCst),
            };
        }
    }
}

#[test]
fn a_hook_is_called_and_may_make_blocking_calls_except_on_the_thread_of_the_client() {
    let hook = Nested::default();
    let Setup { client, sandbox, runtime: _runtime } =
        setup(|it| it, |it| it.no_rate_limit().hook(hook.clone()));
    hook.client.set(client.clone()).unwrap();
    let people = client.people().page_size(10).limit(20).stream();
    assert_eq!(people.map(Result::unwrap).count(), 20);
    let outcomes = (hook.sent.load(Ordering::SeqCst), hook.refused.load(Ordering::SeqCst));
    assert_eq!((outcomes, sandbox.requests().len()), ((1, 1), 3));
}

#[test]
fn a_panic_of_an_iterator_leaves_the_client_usable() {
    let Setup { client, sandbox: _sandbox, runtime: _runtime } = without_limits();
    let has_run = AtomicBool::new(false);
    let calls = std::iter::from_fn(|| {
        assert!(!has_run.swap(true, Ordering::SeqCst), "on purpose");
        Some(client.me())
    });
    let all = std::panic::AssertUnwindSafe(|| client.batch_all(calls).count());
    assert!(std::panic::catch_unwind(all).is_err());
    assert!(client.me().send().unwrap().is_some());
}

#[test]
fn clients_and_iterators_can_be_sent_to_other_threads() {
    fn is_send_and_sync<T: Send + Sync + Clone>() {}
    fn is_send<T: Send>() {}
    is_send_and_sync::<Client>();
    is_send::<Iter<RecordStream<Person>>>();
}

#[test]
fn the_example_runs_against_the_sandbox() {
    let Setup { sandbox, client: _client, runtime: _runtime } = without_limits();
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "xurrent", "--features", "blocking", "--example", "blocking"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .env("XURRENT_ACCOUNT", sandbox.account())
        .env("XURRENT_TOKEN", sandbox.token())
        .env("XURRENT_GRAPHQL_URL", sandbox.graphql_url())
        .env("XURRENT_TOKEN_URL", sandbox.token_url())
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    for part in ["I am ", " people", "Created request ", "closed "] {
        assert!(stdout.contains(part), "{part:?} is not in {stdout}");
    }
}
