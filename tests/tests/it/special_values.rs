//! What a client must do with Xurrent's special values, one test per rule, end to end.
//!
//! Custom fields and rich text have files of their own.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use crate::sandboxed::client;
use serde_json::{Value, json};
use xurrent::{
    AddressInput, AddressLabel, AttachmentInput, Calendar, CalendarCreateInput, CalendarHoursInput, Client,
    ConfigurationItemUpdateInput, Date, Decimal, ErrorKind, HasTranslationsType, Id, Json,
    KnowledgeArticleUpdateInput, MemoryTransport, NoteCreateInput, OpenEnum, OrganizationUpdateInput,
    PersonUpdateInput, RequestUpdateInput, RequestView, Service, SurveyResponseUpdateInput, TimeOfDay,
    Timestamp, TranslationCreateInput, TranslationFilter, TranslationUpdateInput, Weekday,
};
use xurrent_sandbox::Sandbox;

/// A client whose server gives one answer, for what the engine of the sandbox would not send.
fn answering(data: Value) -> (Client, MemoryTransport) {
    let transport = MemoryTransport::new(move |_| json!({ "data": data }));
    let client = Client::builder()
        .account("wdc")
        .personal_access_token("token")
        .transport(transport.clone())
        .build()
        .unwrap();
    (client, transport)
}

/// The nodes of a connection of one record, as the server has them.
async fn nodes(client: &Client, id: &Id, ty: &str, connection: &str, fields: &str) -> Vec<Value> {
    let document = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on {ty} {{ {connection} {{ nodes {{ {fields} }} }} }} }} }}"
    );
    let data = client.raw(document, json!({ "id": id })).await.unwrap().to_value();
    data["node"][connection]["nodes"].as_array().unwrap().clone()
}

fn sent(sandbox: &Sandbox) -> Value {
    sandbox.requests().last().unwrap().body.clone().unwrap()["variables"]["input"].clone()
}

// Timestamps, dates, times.

#[tokio::test]
async fn special_target_timestamps_round_trip() {
    let (sandbox, client) = client().await;
    let request = client.requests().first().await.unwrap().unwrap();
    let words = [
        (Timestamp::BestEffort, "best_effort"),
        (Timestamp::NoTarget, "no_target"),
        (Timestamp::ClockStopped, "clock_stopped"),
    ];
    for (value, word) in words {
        let input = RequestUpdateInput::new(&request.id).desired_completion_at(value);
        let payload = client.request_update(input).await.unwrap();
        assert_eq!(sent(&sandbox)["desiredCompletionAt"], json!(word));
        assert_eq!(payload.request.unwrap().desired_completion_at, Some(value));
    }
    let text = "2025-06-01T08:30:00+02:00";
    let input =
        RequestUpdateInput::new(&request.id).desired_completion_at(text.parse::<Timestamp>().unwrap());
    let at = client.request_update(input).await.unwrap().request.unwrap().desired_completion_at.unwrap();
    assert_eq!(at.to_string(), text, "the offset is kept");
    assert_eq!(at.instant().unwrap().to_string(), "2025-06-01T06:30:00Z");
}

#[tokio::test]
async fn special_target_timestamps_are_read() {
    let (_sandbox, client) = client().await;
    let requests = client.requests().view(RequestView::All).all().await.unwrap();
    for word in [Timestamp::BestEffort, Timestamp::NoTarget, Timestamp::ClockStopped] {
        let found = requests
            .iter()
            .any(|request| [request.resolution_target_at, request.response_target_at].contains(&Some(word)));
        assert!(found, "{word} is in no record");
    }
}

#[tokio::test]
async fn other_text_for_a_timestamp_is_an_error() {
    for text in ["soon", "", "Best_effort", "2025-06-01", "2025-06-01T08:30:00"] {
        let id = Id::from("1");
        let mut translation = json!({
            "account": null, "createdAt": null, "disabled": null, "field": null, "id": id, "language": null,
            "owner": null, "text": null, "updatedAt": text,
        });
        let (client, _) = answering(json!({"translations": {
            "nodes": [translation], "pageInfo": {"hasNextPage": false, "endCursor": null}}}));
        let error = client.translations().all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("translations.nodes[0].updatedAt: "), "{error}");
        translation = json!({"id": "1", "waitingUntil": text});
        assert!(serde_json::from_value::<RequestUpdateInput>(translation).is_err());
    }
}

#[tokio::test]
async fn the_end_of_a_day_is_24_00() {
    let (_sandbox, client) = client().await;
    let hours = CalendarHoursInput::new()
        .weekday(Weekday::Sun)
        .time_from(TimeOfDay::new(8, 30, 0).unwrap())
        .time_until(TimeOfDay::END_OF_DAY);
    let input = CalendarCreateInput::new("Always").new_calendar_hours([hours]);
    let calendar: Calendar = client.calendar_create(input).await.unwrap().calendar.unwrap();
    let hours = nodes(&client, &calendar.id, "Calendar", "calendarHours", "weekday timeFrom timeUntil").await;
    assert_eq!(hours, [json!({"weekday": "sun", "timeFrom": "08:30", "timeUntil": "24:00"})]);
    let read: xurrent::CalendarHour = serde_json::from_value(hours[0].clone()).unwrap();
    assert_eq!(read.time_until, Some(TimeOfDay::END_OF_DAY));
    assert!(read.time_from < read.time_until);
    assert!("24:01".parse::<TimeOfDay>().is_err() && "8:30".parse::<TimeOfDay>().is_err());
    assert_eq!("08:30:00".parse::<TimeOfDay>().unwrap(), read.time_from.unwrap());
}

#[tokio::test]
async fn a_date_is_a_date_and_null_clears_it() {
    let (sandbox, client) = client().await;
    let item = client.configuration_items().first().await.unwrap().unwrap();
    let day: Date = "2028-02-29".parse().unwrap();
    let input = ConfigurationItemUpdateInput::new(&item.id).end_of_support_date(day);
    let item = client.configuration_item_update(input).await.unwrap().configuration_item.unwrap();
    assert_eq!(item.end_of_support_date, Some(day));
    assert_eq!(sent(&sandbox)["endOfSupportDate"], json!("2028-02-29"));
    let input = ConfigurationItemUpdateInput::new(&item.id).end_of_support_date(None);
    let item = client.configuration_item_update(input).await.unwrap().configuration_item.unwrap();
    assert_eq!(item.end_of_support_date, None);
    for bad in ["2027-02-29", "2028-2-9", "20280229", "2028-02-29T00:00:00Z"] {
        let json = json!({"id": item.id, "endOfSupportDate": bad});
        assert!(serde_json::from_value::<ConfigurationItemUpdateInput>(json).is_err(), "{bad}");
    }
}

// Numbers.

#[tokio::test]
async fn a_decimal_is_sent_as_a_number_with_every_digit() {
    let (_sandbox, client) = client().await;
    let person = client.me().await.unwrap().unwrap();
    for digits in ["9007199254740993.0500", "0.10", "-120.50", "79228162514264337593543950335"] {
        let amount: Decimal = digits.parse().unwrap();
        let input = PersonUpdateInput::new(&person.id).cost_per_hour(amount);
        assert!(format!("{input:?}").contains(&format!("\"costPerHour\":{digits}")), "{input:?}");
        let person = client.person_update(input).await.unwrap().person.unwrap();
        assert_eq!(person.cost_per_hour.unwrap().to_string(), digits);
    }
    // From JSON, a text is as good as a number.
    for json in [r#""120.50""#, "120.50"] {
        let json = format!(r#"{{"id": "{}", "costPerHour": {json}}}"#, person.id);
        let input: PersonUpdateInput = serde_json::from_str(&json).unwrap();
        let person = client.person_update(input).await.unwrap().person.unwrap();
        assert_eq!(person.cost_per_hour.unwrap().to_string(), "120.50");
    }
}

#[tokio::test]
async fn a_decimal_is_read_from_a_text_as_well_as_from_a_number() {
    let (_sandbox, client) = client().await;
    let person = client.me().await.unwrap().unwrap();
    let mut stored = serde_json::to_value(&person).unwrap();
    for value in [json!("120.5"), json!(120.5)] {
        stored["costPerHour"] = value;
        let (client, _) = answering(json!({"people": {
            "nodes": [stored], "pageInfo": {"hasNextPage": false, "endCursor": null}}}));
        let read = client.people().all().await.unwrap().remove(0);
        assert_eq!(read.cost_per_hour.unwrap().to_string(), "120.5");
    }
}

#[tokio::test]
async fn an_int_has_64_bits_in_responses_and_inputs() {
    let reset_at = 4_102_444_800_i64;
    let (client, _) = answering(
        json!({"rateLimit": {"cost": 1, "limit": 3600, "remaining": i64::MAX, "resetAt": reset_at}}),
    );
    let limit = client.rate_limit().await.unwrap().unwrap();
    assert_eq!((limit.reset_at, limit.remaining), (Some(reset_at), Some(i64::MAX)));

    let (client, transport) = answering(json!({"noteCreate": {
        "clientMutationId": null, "note": null, "sdk_errors": null}}));
    let file = AttachmentInput::new("key").size(2_147_483_648_i64);
    client.note_create(NoteCreateInput::new("1", "text").attachments([file])).await.unwrap();
    let variables = &transport.requests()[0].variables;
    assert_eq!(variables["input"]["attachments"], json!([{"key": "key", "size": 2_147_483_648_i64}]));
}

#[tokio::test]
async fn json_takes_scalars_as_well_as_trees() {
    let (_sandbox, client) = client().await;
    let response = client.survey_responses().first().await.unwrap().unwrap();
    for text in ["true", "17", "9007199254740993.0500", r#""text""#, "[1,null]", r#"{"a":{"b":null}}"#, "0"] {
        let value = Json::from_text(text).unwrap();
        let input = SurveyResponseUpdateInput::new(&response.id).rating_calculation(value);
        let payload = client.survey_response_update(input).await.unwrap();
        assert_eq!(payload.survey_response.unwrap().rating_calculation.unwrap().as_text(), text);
    }
    let input = SurveyResponseUpdateInput::new(&response.id).rating_calculation(None);
    let payload = client.survey_response_update(input).await.unwrap();
    assert_eq!(payload.survey_response.unwrap().rating_calculation, None);
}

// Null and left out.

#[tokio::test]
async fn null_clears_and_unset_keeps_also_in_children() {
    let (sandbox, client) = client().await;
    let organization = client.organizations().first().await.unwrap().unwrap();
    let address = AddressInput::new().label(AddressLabel::Home).city("Palo Alto").country("US").zip("94301");
    let input = OrganizationUpdateInput::new(&organization.id).new_addresses([address]).region("West");
    client.organization_update(input).await.unwrap();
    let fields = "id label city country zip state";
    let added = nodes(&client, &organization.id, "Organization", "addresses", fields).await.pop().unwrap();

    let id = added["id"].as_str().unwrap();
    let change = AddressInput::new().id(id).city("Zürich").zip(None);
    let input = OrganizationUpdateInput::new(&organization.id).new_addresses([change]);
    let changed = client.organization_update(input).await.unwrap().organization.unwrap();
    assert_eq!(
        sent(&sandbox),
        json!({"id": organization.id, "newAddresses": [{"id": id, "city": "Zürich", "zip": null}]})
    );
    assert_eq!(changed.region.as_deref(), Some("West"), "what is left out stays");
    let after = nodes(&client, &organization.id, "Organization", "addresses", fields).await.pop().unwrap();
    let mut expected = added.clone();
    expected["city"] = json!("Zürich");
    expected["zip"] = Value::Null;
    assert_eq!(after, expected);

    let input = OrganizationUpdateInput::new(&organization.id).region(None);
    let cleared = client.organization_update(input).await.unwrap().organization.unwrap();
    assert_eq!(cleared.region, None);
}

// Children.

#[tokio::test]
async fn children_are_added_changed_and_removed() {
    let (sandbox, client) = client().await;
    let organization = client.organizations().first().await.unwrap().unwrap();
    let children = async || -> Vec<(String, String)> {
        let nodes = nodes(&client, &organization.id, "Organization", "addresses", "id city").await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        nodes.iter().map(|node| (text(&node["id"]), text(&node["city"]))).collect()
    };
    let before = children().await;
    let input = OrganizationUpdateInput::new(&organization.id)
        .new_addresses([AddressInput::new().city("A"), AddressInput::new().city("B")]);
    client.organization_update(input).await.unwrap();
    let two = children().await;
    assert_eq!(two.len(), before.len() + 2);
    assert_eq!(two[..before.len()], before, "those that were there stay as they are");

    // One call adds, changes and removes.
    let [.., (a, _), (b, _)] = &two[..] else { panic!("{two:?}") };
    let input = OrganizationUpdateInput::new(&organization.id)
        .new_addresses([AddressInput::new().id(b).city("B2"), AddressInput::new().city("C")])
        .addresses_to_delete([a]);
    client.organization_update(input).await.unwrap();
    let after = children().await;
    assert_eq!(after.len(), before.len() + 2);
    assert!(after.iter().all(|(id, _)| id != a), "{after:?}");
    assert!(after.contains(&(b.clone(), "B2".to_owned())) && after.iter().any(|(_, city)| city == "C"));

    // A child that is not there is a refusal that names its place.
    let input = OrganizationUpdateInput::new(&organization.id).addresses_to_delete([a]).region("East");
    let error = client.organization_update(input).await.unwrap_err();
    assert!(error.is_payload());
    assert_eq!(error.errors()[0].path[0], "addressesToDelete");
    assert_eq!(children().await, after, "nothing was changed");
    assert!(sandbox.requests().len() > 6);
}

#[tokio::test]
async fn translations_are_created_changed_found_by_owner_and_removed() {
    let (_sandbox, client) = client().await;
    let service = client.services().first().await.unwrap().unwrap();
    let input = TranslationCreateInput::new("name", "nl", &service.id, "Dienst");
    let created = client.translation_create(input).await.unwrap().translation.unwrap();
    assert_eq!(
        (created.field.as_deref(), created.language.as_deref(), created.text.as_deref()),
        (Some("name"), Some("nl"), Some("Dienst"))
    );
    // The owner is an interface: its type and its id say which record to fetch.
    let owner = created.owner.unwrap();
    assert_eq!(owner.typename, HasTranslationsType::Service);
    assert_eq!(owner.id.as_ref(), Some(&service.id));
    assert_eq!(client.node::<Service>(owner.id.unwrap()).await.unwrap().unwrap().id, service.id);

    let input = TranslationUpdateInput::new(&created.id, "De dienst");
    let changed = client.translation_update(input).await.unwrap().translation.unwrap();
    assert_eq!((changed.text.as_deref(), &changed.id), (Some("De dienst"), &created.id));
    let filter = TranslationFilter::new().owner(&service.id).language("nl").field("name");
    let found = client.translations().filter(filter).all().await.unwrap();
    assert!(found.iter().any(|translation| translation.id == created.id));
    let owners: Vec<_> =
        client.translations().all().await.unwrap().into_iter().filter_map(|it| it.owner).collect();
    assert!(owners.len() > 1);
    for owner in owners {
        assert!(owner.id.is_some() && HasTranslationsType::VALUES.contains(&owner.typename.as_str()));
    }

    let article = client.knowledge_articles().first().await.unwrap().unwrap();
    let input = TranslationCreateInput::new("subject", "de", &article.id, "Betreff");
    let created = client.translation_create(input).await.unwrap().translation.unwrap();
    let of_article = async || nodes(&client, &article.id, "KnowledgeArticle", "translations", "id").await;
    assert!(of_article().await.contains(&json!({"id": created.id})));
    let input = KnowledgeArticleUpdateInput::new(&article.id).translations_to_delete([&created.id]);
    client.knowledge_article_update(input).await.unwrap();
    assert!(!of_article().await.contains(&json!({"id": created.id})));
    assert!(client.node::<xurrent::Translation>(&created.id).await.unwrap().is_none());
}
