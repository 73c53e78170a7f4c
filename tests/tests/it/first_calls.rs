//! The first calls, end to end: the typed client against the sandbox, over a real socket.

#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp, missing_docs)]

use crate::raw_json::Raw;
use crate::sandboxed::start;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use xurrent::{
    Client, ErrorKind, Filter, Id, NoteCreateInput, Organization, Person, PersonFilter, PersonOrder,
    PersonOrderField, PersonView, RangeFilter, Request, RequestCategory, RequestCreateInput, RequestFilter,
    RequestStatus, RequestUpdateInput, Timestamp,
};
use xurrent_sandbox::Sandbox;

async fn sandbox() -> Sandbox {
    start(|sandbox| sandbox).await
}

fn client_with(sandbox: &Sandbox, account: &str, token: &str) -> Client {
    let builder = Client::builder().account(account).personal_access_token(token);
    builder.endpoints(sandbox.graphql_url(), sandbox.token_url()).build().unwrap()
}

fn client(sandbox: &Sandbox) -> Client {
    client_with(sandbox, sandbox.account(), sandbox.token())
}

/// What the engine answers to the request that the client sent last.
fn last_answer(sandbox: &Sandbox) -> Value {
    let requests = sandbox.requests();
    let body = requests.last().unwrap().body.clone().unwrap();
    sandbox.engine().execute(&body)
}

fn ids(people: &[Person]) -> Vec<String> {
    people.iter().map(|person| person.id.to_string()).collect()
}

/// Compares fields of a typed value with keys of the raw response, one by one.
macro_rules! assert_same {
    ($value:expr, $raw:expr, { $($field:ident: $key:literal),* $(,)? }) => {{
        let keys = [$($key),*];
        let known: BTreeSet<&str> = keys.into_iter().collect();
        let sent: BTreeSet<&str> = $raw.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(known, sent, "every key of the response is compared");
        $($value.$field.same(&$raw[$key], $key);)*
    }};
}

#[tokio::test]
async fn every_field_of_every_person_equals_the_raw_response() {
    let sandbox = sandbox().await;
    let page = client(&sandbox).people().view(PersonView::All).pages().try_next().await.unwrap().unwrap();
    let answer = last_answer(&sandbox);
    let nodes = answer["data"]["people"]["nodes"].as_array().unwrap();
    assert_eq!(page.nodes.len(), 100);
    assert_eq!(nodes.len(), 100);
    for (person, raw) in page.nodes.iter().zip(nodes) {
        assert_same!(person, raw, {
            account: "account", authentication_id: "authenticationID", auto_translation: "autoTranslation",
            cost_per_hour: "costPerHour", cost_per_hour_currency: "costPerHourCurrency", created_at: "createdAt",
            custom_fields: "customFields", disabled: "disabled", do_not_translate_languages: "doNotTranslateLanguages",
            employee_id: "employeeID", exclude_team_notifications: "excludeTeamNotifications", guest: "guest", id: "id",
            information: "information", job_title: "jobTitle", language: "language", life_cycle_state: "lifeCycleState",
            location: "location", manager: "manager", name: "name", oauth_person_enablement: "oauthPersonEnablement",
            organization: "organization", picture_uri: "pictureUri", primary_email: "primaryEmail",
            send_email_notifications: "sendEmailNotifications", show_notification_popup: "showNotificationPopup",
            site: "site", source: "source", source_id: "sourceID", support_id: "supportID",
            time_format24h: "timeFormat24h", time_zone: "timeZone", ui_extension: "uiExtension",
            updated_at: "updatedAt", vip: "vip", work_hours: "workHours",
        });
    }
    let with = |test: fn(&Person) -> bool| page.nodes.iter().filter(|person| test(person)).count();
    assert!(with(|person| person.cost_per_hour.is_some()) > 0);
    assert!(with(|person| person.cost_per_hour.is_none()) > 0);
    assert!(with(|person| person.manager.is_some()) > 0);
    assert!(with(|person| person.manager.is_none()) > 0);
    assert!(with(|person| person.custom_fields.as_ref().is_some_and(|fields| !fields.is_empty())) > 0);
    assert!(with(|person| person.name.as_ref().is_some_and(|name| !name.is_ascii())) > 0);
}

#[tokio::test]
async fn a_stream_returns_every_record_once_and_in_order() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let all = client.people().view(PersonView::All).all().await.unwrap();
    assert_eq!(all.len(), 120);
    assert_eq!(ids(&all).into_iter().collect::<BTreeSet<_>>().len(), 120);
    let before = sandbox.requests().len();
    let mut stream = client.people().view(PersonView::All).page_size(7).stream();
    let mut streamed = Vec::new();
    while let Some(person) = stream.try_next().await.unwrap() {
        streamed.push(person);
    }
    assert!(stream.try_next().await.unwrap().is_none(), "a stream that ended stays ended");
    assert_eq!(ids(&streamed), ids(&all));
    assert_eq!(sandbox.requests().len() - before, 120_usize.div_ceil(7));
}

#[tokio::test]
async fn a_limit_shrinks_the_last_page() {
    let sandbox = sandbox().await;
    let people = client(&sandbox).people().page_size(10).limit(25).all().await.unwrap();
    assert_eq!(people.len(), 25);
    let sizes: Vec<Value> = sandbox
        .requests()
        .iter()
        .map(|request| request.body.as_ref().unwrap()["variables"]["first"].clone())
        .collect();
    assert_eq!(sizes, [json!(10), json!(10), json!(5)]);
    let nobody = client(&sandbox).people().limit(0).all().await.unwrap();
    assert!(nobody.is_empty());
    assert_eq!(sandbox.requests().len(), 3, "nothing is asked for when nothing is wanted");
}

#[tokio::test]
async fn a_cursor_continues_after_a_page() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let all = client.people().all().await.unwrap();
    let first = client.people().page_size(30).pages().try_next().await.unwrap().unwrap();
    assert!(first.has_next_page);
    let rest = client.people().after(first.end_cursor.unwrap()).all().await.unwrap();
    assert_eq!([ids(&first.nodes), ids(&rest)].concat(), ids(&all));
}

#[tokio::test]
async fn filters_views_and_order_select() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let all = client.people().view(PersonView::All).all().await.unwrap();
    let disabled =
        client.people().view(PersonView::All).filter(PersonFilter::new().disabled(true)).all().await.unwrap();
    let expected: Vec<_> = all.iter().filter(|person| person.disabled == Some(true)).cloned().collect();
    assert!(!expected.is_empty() && expected.len() < all.len());
    assert_eq!(ids(&disabled), ids(&expected));

    let two: Vec<String> = all.iter().filter_map(|person| person.name.clone()).take(2).collect();
    let named = client.people().filter(PersonFilter::new().name([&two[0], &two[1]])).all().await.unwrap();
    assert!(named.len() >= 2 && named.iter().all(|person| two.contains(person.name.as_ref().unwrap())));
    let others = client
        .people()
        .view(PersonView::All)
        .filter(PersonFilter::new().name(Filter::none_of(two.clone())))
        .count()
        .await
        .unwrap();
    assert_eq!(usize::try_from(others).unwrap(), all.len() - named.len());

    let order = [PersonOrder::desc(PersonOrderField::Name), PersonOrder::asc(PersonOrderField::CreatedAt)];
    let sorted = client.people().view(PersonView::All).order(order).all().await.unwrap();
    let names: Vec<_> = sorted.iter().map(|person| person.name.clone().unwrap()).collect();
    assert!(names.windows(2).all(|pair| pair[0] >= pair[1]), "{names:?}");
    assert_ne!(ids(&sorted), ids(&all));

    let first =
        client.people().order([PersonOrder::asc(PersonOrderField::Name)]).first().await.unwrap().unwrap();
    assert_eq!(first.name.as_ref(), names.last());
}

#[tokio::test]
async fn an_enum_filter_takes_the_enum_and_text() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let completed =
        client.requests().filter(RequestFilter::new().status(RequestStatus::Completed)).all().await.unwrap();
    assert!(!completed.is_empty());
    assert!(completed.iter().all(|request| request.status == Some(RequestStatus::Completed)));
    let text = client
        .requests()
        .filter(RequestFilter::new().status([RequestStatus::from("completed")]))
        .count()
        .await
        .unwrap();
    assert_eq!(usize::try_from(text).unwrap(), completed.len());
    let unknown =
        client.requests().filter(RequestFilter::new().status(RequestStatus::from("no_such"))).count().await;
    // It is sent as it is: whether there is such a value is for the server to say.
    assert_eq!(unknown.unwrap_err().kind(), xurrent::ErrorKind::GraphQl);
    let created: Timestamp = completed[0].created_at.unwrap();
    let later = client
        .requests()
        .filter(RequestFilter::new().created_at(RangeFilter::new().greater_than(created)))
        .all()
        .await
        .unwrap();
    assert!(later.iter().all(|request| request.created_at.unwrap().instant() > created.instant()));
}

#[tokio::test]
async fn single_records() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let me = client.me().await.unwrap().unwrap();
    let again = client.node::<Person>(&me.id).await.unwrap().unwrap();
    assert_eq!(serde_json::to_value(&again).unwrap(), serde_json::to_value(&me).unwrap());
    let organization = me.organization.as_ref().unwrap();
    let fetched: Organization = client.get(organization).await.unwrap().unwrap();
    assert_eq!(&fetched.id, organization.id());

    let wrong = client.node::<Request>(&me.id).await.unwrap_err();
    assert!(wrong.is_wrong_type());
    assert_eq!(wrong.kind(), ErrorKind::WrongType);
    let text = wrong.to_string();
    assert!(text.contains("is the id of a Person, not of a Request") && text.contains("(request "), "{text}");

    let nobody = Id::new(me.id.as_str().chars().rev().collect::<String>());
    assert!(client.node::<Person>(nobody).await.unwrap().is_none());
    let before = sandbox.requests().len();
    assert!(client.node::<Person>("").await.unwrap_err().is_configuration());
    assert_eq!(sandbox.requests().len(), before, "an empty id is not sent");
}

#[tokio::test]
async fn a_mutation_changes_the_store() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let me = client.me().await.unwrap().unwrap();
    let before = client.requests().count().await.unwrap();
    let input = RequestCreateInput::new()
        .subject("The \"printer\" burns\nagain 🦀")
        .category(RequestCategory::Other)
        .requested_for_id(&me.id)
        .requested_by_id(&me.id)
        .note("It does.")
        .client_mutation_id("17");
    let payload = client.request_create(input).await.unwrap();
    assert_eq!(payload.client_mutation_id.as_deref(), Some("17"));
    let request = payload.request.unwrap();
    assert_eq!(request.subject.as_deref(), Some("The \"printer\" burns\nagain 🦀"));
    assert_eq!(request.category, Some(RequestCategory::Other));
    assert_eq!(request.requested_for.as_ref().unwrap().id(), &me.id);
    assert_eq!(client.requests().count().await.unwrap(), before + 1);

    // Unset stays, null clears, a value changes.
    let input = RequestUpdateInput::new(&request.id).requested_by_id(&me.id).subject("New");
    client.request_update(input).await.unwrap();
    let input = RequestUpdateInput::new(&request.id).member_id(&me.id);
    let with_member = client.request_update(input).await.unwrap().request.unwrap();
    assert_eq!(with_member.member.as_ref().map(|member| member.id()), Some(&me.id));
    let input = RequestUpdateInput::new(&request.id).member_id(None);
    let cleared = client.request_update(input).await.unwrap().request.unwrap();
    assert!(cleared.member.is_none());
    assert_eq!(cleared.subject.as_deref(), Some("New"));
    let sent = sandbox.requests().last().unwrap().body.clone().unwrap();
    assert_eq!(sent["variables"]["input"], json!({"id": request.id.as_str(), "memberId": null}));

    let note = client.note_create(NoteCreateInput::new(&request.id, "Done.")).await.unwrap().note.unwrap();
    assert_eq!(note.text.as_deref(), Some("Done."));
}

#[tokio::test]
async fn a_rejected_mutation_is_an_error_with_all_reasons() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let before = client.requests().count().await.unwrap();
    let input = RequestCreateInput::new().subject(" ").category(RequestCategory::Other);
    let error = client.request_create(input).await.unwrap_err();
    assert!(error.is_payload());
    assert_eq!(error.kind(), ErrorKind::Payload);
    assert_eq!(error.errors().len(), 1);
    assert_eq!(error.errors()[0].path, ["subject"]);
    let request_id = error.request_id().unwrap().to_owned();
    let text = error.to_string();
    assert!(
        text.contains(&error.errors()[0].message) && text.contains("subject: ") && text.contains(&request_id),
        "{text}"
    );
    assert!(text.contains("`requestCreate`"), "{text}");
    assert_eq!(client.requests().count().await.unwrap(), before, "nothing was changed");
}

#[tokio::test]
async fn rejections_are_reported_in_the_servers_words() {
    let sandbox = sandbox().await;
    let error = client(&sandbox).people().after("no such cursor").all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::GraphQl);
    assert!(!error.errors().is_empty());
    assert_eq!(error.errors()[0].path, ["people"]);
    assert!(error.to_string().contains(&error.errors()[0].message));
    assert!(error.request_id().is_some());

    let token = "a-wrong-token-7f3a";
    let error = client_with(&sandbox, sandbox.account(), token).me().await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(error.status(), Some(401));
    assert!(!format!("{error} {error:?}").contains(token));

    let error = client_with(&sandbox, "other", sandbox.token()).me().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Status, Some(400)));
    assert!(error.to_string().contains("Invalid x-xurrent-account header"), "{error}");
}

#[tokio::test]
async fn page_sizes_are_checked_before_sending() {
    let sandbox = sandbox().await;
    for size in [0, 101, usize::MAX] {
        let error = client(&sandbox).people().page_size(size).all().await.unwrap_err();
        assert!(error.is_configuration());
        assert!(error.to_string().contains("1 to 100"), "{error}");
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn clones_work_concurrently_and_after_cancelled_calls() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let expected = ids(&client.people().all().await.unwrap());
    let tasks: Vec<_> = (0..20_usize)
        .map(|index| {
            let client = client.clone();
            tokio::spawn(async move {
                if index % 3 == 0 {
                    let cancelled = client.people().send_first_page();
                    let _ = tokio::time::timeout(std::time::Duration::from_millis(1), cancelled).await;
                }
                ids(&client.people().page_size(20 + index).all().await.unwrap())
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), expected);
    }
}

/// A page that somebody starts to wait for and gives up on.
trait FirstPage {
    fn send_first_page(self) -> impl Future<Output = ()> + Send;
}

impl FirstPage for xurrent::ConnectionQuery<xurrent::PeopleQuery> {
    async fn send_first_page(self) {
        let _ = self.pages().try_next().await;
    }
}
