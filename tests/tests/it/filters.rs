//! The rules for filters: what is sent, and what the server makes of it.

#![allow(clippy::unwrap_used, missing_docs)]
#![allow(clippy::needless_borrows_for_generic_args, reason = "borrowed values are the subject")]

use crate::in_memory;
use serde_json::{Value, json};
use xurrent::{
    Client, CustomField, Filter, Id, PersonCustomFilter, PersonFilter, PersonOrder, PersonOrderField,
    PersonUpdateInput, PersonView, RangeFilter, RequestFilter, RequestStatus, RequestView, Timestamp,
};

/// The filter as it is sent. The engine has accepted it.
async fn sent(filter: PersonFilter) -> Value {
    let (transport, client) = in_memory::engine();
    client.people().filter(filter).count().await.unwrap();
    transport.requests()[0].variables["filter"].clone()
}

async fn count(client: &Client, filter: PersonFilter) -> i64 {
    client.people().view(PersonView::All).filter(filter).count().await.unwrap()
}

fn instant(text: &str) -> Timestamp {
    serde_json::from_value(json!(text)).unwrap()
}

#[tokio::test]
async fn one_of_sends_a_list_of_values() {
    assert_eq!(sent(PersonFilter::new().name("Howard")).await, json!({ "name": { "values": ["Howard"] } }));
    let two = PersonFilter::new().name(["Howard", "James"]);
    assert_eq!(sent(two).await, json!({ "name": { "values": ["Howard", "James"] } }));
    let names: Vec<String> = vec!["Howard".to_owned()];
    let listed = PersonFilter::new().name(Filter::any_of(names));
    assert_eq!(sent(listed).await, json!({ "name": { "values": ["Howard"] } }));
}

#[tokio::test]
async fn none_of_negates() {
    let filter = PersonFilter::new().name(Filter::none_of(["Howard", "James"]));
    assert_eq!(sent(filter).await, json!({ "name": { "values": ["Howard", "James"], "negate": true } }));
}

#[tokio::test]
async fn empty_is_an_empty_list_of_values() {
    assert_eq!(sent(PersonFilter::new().name(Filter::empty())).await, json!({ "name": { "values": [] } }));
}

#[tokio::test]
async fn present_is_an_empty_list_of_values_negated() {
    let filter = PersonFilter::new().name(Filter::present());
    assert_eq!(sent(filter).await, json!({ "name": { "values": [], "negate": true } }));
}

#[tokio::test]
async fn a_boolean_is_sent_unchanged() {
    assert_eq!(
        sent(PersonFilter::new().disabled(true).vip(false)).await,
        json!({ "disabled": true, "vip": false })
    );
}

#[tokio::test]
async fn a_search_text_is_sent_unchanged() {
    let filter = PersonFilter::new().query(" how\"ard\n");
    assert_eq!(sent(filter).await, json!({ "query": " how\"ard\n" }));
}

#[tokio::test]
async fn ranges_have_four_bounds_that_can_be_combined() {
    let (early, late) = (instant("2024-01-01T00:00:00Z"), instant("2025-01-01T00:00:00Z"));
    let one = |range| async { sent(PersonFilter::new().created_at(range)).await["createdAt"].clone() };
    let range = RangeFilter::new;
    assert_eq!(one(range().less_than(early)).await, json!({ "lessThan": "2024-01-01T00:00:00Z" }));
    assert_eq!(
        one(range().less_than_or_equal_to(early)).await,
        json!({ "lessThanOrEqualTo": "2024-01-01T00:00:00Z" })
    );
    assert_eq!(one(range().greater_than(early)).await, json!({ "greaterThan": "2024-01-01T00:00:00Z" }));
    assert_eq!(
        one(range().greater_than_or_equal_to(early).less_than(late)).await,
        json!({ "greaterThanOrEqualTo": "2024-01-01T00:00:00Z", "lessThan": "2025-01-01T00:00:00Z" })
    );
    assert_eq!(one(RangeFilter::empty()).await, json!({ "values": [] }));
    assert_eq!(one(RangeFilter::present()).await, json!({ "values": [], "negate": true }));
}

#[tokio::test]
async fn a_custom_filter_has_a_name_values_and_null_for_no_value() {
    let filter = PersonFilter::new().custom_filters([
        PersonCustomFilter::new("cost_center", [Some("CC-1".to_owned()), None]),
        PersonCustomFilter::new("colors", ["red"]).negate(true),
    ]);
    let expected = json!({ "customFilters": [
        { "name": "cost_center", "values": ["CC-1", null] },
        { "name": "colors", "values": ["red"], "negate": true },
    ] });
    assert_eq!(sent(filter).await, expected);
}

#[tokio::test]
async fn values_of_a_custom_filter_are_written_in_the_syntax_of_the_api() {
    use xurrent::CustomFilterValue as Value;
    for (value, text) in [
        (Value::equal_to("CC-1"), json!("CC-1")),
        (Value::equal_to("~1"), json!("'~1")),
        (Value::equal_to(7), json!("7")),
        (Value::contains("C-1"), json!("~C-1")),
        (Value::none(), json!(null)),
        (Value::less_than(5), json!("<5")),
        (Value::at_most("12.50".parse::<xurrent::Decimal>().unwrap()), json!("<=12.50")),
        (Value::greater_than("08:00".parse::<xurrent::TimeOfDay>().unwrap()), json!(">08:00")),
        (Value::at_least(5).and_at_most(9), json!(">=5<=9")),
        (Value::at_least(instant("2025-06-01T00:00:00Z")), json!(">=2025-06-01T00:00:00Z")),
        (Value::at_least("2025-06-01").and_less_than("2025-07-01"), json!(">=2025-06-01<2025-07-01")),
        (Value::none().and_less_than(5), json!(null)),
    ] {
        let filter = PersonFilter::new().custom_filters([PersonCustomFilter::new("a", [value])]);
        assert_eq!(sent(filter).await["customFilters"][0]["values"], json!([text]));
    }
    let (_transport, client) = in_memory::engine();
    let found = async |values: Vec<Value>| {
        let values: Vec<Option<String>> = values.into_iter().map(Into::into).collect();
        count(&client, PersonFilter::new().custom_filters([PersonCustomFilter::new("cost_center", values)]))
            .await
    };
    let (one, two) = (found(vec![Value::equal_to("CC-1")]).await, found(vec![Value::equal_to("CC-2")]).await);
    assert!(one > 0 && two > 0);
    assert_eq!(found(vec![Value::equal_to("CC-1"), Value::contains("-2")]).await, one + two);
    assert!(found(vec![Value::contains("CC-")]).await > one + two);
}

#[tokio::test]
async fn a_blank_search_text_is_left_out() {
    for blank in ["", " ", " \t\n\u{a0}"] {
        assert_eq!(sent(PersonFilter::new().query(blank)).await, Value::Null, "{blank:?}");
        let with_more = PersonFilter::new().query(blank).disabled(true);
        assert_eq!(sent(with_more).await, json!({ "disabled": true }), "{blank:?}");
    }
    let from_json: PersonFilter = serde_json::from_value(json!({ "query": " ", "vip": true })).unwrap();
    assert_eq!(sent(from_json).await, json!({ "vip": true }));
    // A blank value of another field is a value.
    assert_eq!(sent(PersonFilter::new().name("")).await, json!({ "name": { "values": [""] } }));
}

#[tokio::test]
async fn a_custom_filter_with_a_blank_name_is_left_out() {
    let blank = || PersonCustomFilter::new(" ", ["x"]);
    assert_eq!(sent(PersonFilter::new().custom_filters([blank(), blank()])).await, Value::Null);
    let filter = PersonFilter::new().custom_filters([blank(), PersonCustomFilter::new("a", [" "]), blank()]);
    assert_eq!(sent(filter).await, json!({ "customFilters": [{ "name": "a", "values": [" "] }] }));
}

#[tokio::test]
async fn an_empty_filter_is_not_sent() {
    let (transport, client) = in_memory::engine();
    let none = |custom: Vec<PersonCustomFilter>| PersonFilter::new().query(" ").custom_filters(custom);
    let blank = PersonCustomFilter::new(" ", ["x"]);
    for filter in [PersonFilter::new(), none(Vec::new()), none(vec![blank])] {
        // It takes the place of one that was set before.
        client.people().filter(PersonFilter::new().vip(true)).filter(filter).count().await.unwrap();
        let request = transport.requests().pop().unwrap();
        assert_eq!(request.variables, json!({}));
        assert!(!request.document.contains("filter"), "{}", request.document);
    }
}

#[tokio::test]
async fn an_empty_list_of_values_never_selects_anything() {
    const NEVER: [Timestamp; 0] = [];
    let names = || Vec::<String>::new();
    let custom = |custom| PersonFilter::new().custom_filters([custom]);
    let from_json = |filter: Value| serde_json::from_value::<PersonFilter>(filter);
    let json_of_custom = json!({ "customFilters": [{ "name": "a", "values": [], "negate": true }] });
    for (filter, place) in [
        (PersonFilter::new().name(Filter::any_of(names())), "filter.name.values: "),
        (PersonFilter::new().name(Filter::none_of(names())), "filter.name.values: "),
        (PersonFilter::new().name(Filter::any_of(&names()[..])), "filter.name.values: "),
        (PersonFilter::new().name([""; 0]), "filter.name.values: "),
        (PersonFilter::new().manager(Filter::none_of(Vec::<Id>::new())), "filter.manager.values: "),
        (PersonFilter::new().created_at(NEVER), "filter.createdAt.values: "),
        (
            PersonFilter::new().created_at(RangeFilter::any_of(Vec::<Timestamp>::new())),
            "filter.createdAt.values: ",
        ),
        (
            custom(PersonCustomFilter::new("a", Vec::<Option<String>>::new())),
            "filter.customFilters.0.values: ",
        ),
        (custom(PersonCustomFilter::new("a", [""; 0]).negate(true)), "filter.customFilters.0.values: "),
        (from_json(json_of_custom).unwrap(), "filter.customFilters.0.values: "),
    ] {
        let (transport, client) = in_memory::engine();
        let error = client.people().filter(filter).count().await.unwrap_err();
        assert!(transport.requests().is_empty(), "{place} nothing is sent");
        let text = error.to_string();
        assert!(text.contains(&format!("{place}an empty list of values")), "{text}");
        let names_others =
            text.contains("`Filter::empty()` or `Filter::present()`") || text.contains("`[None]`");
        assert!(names_others, "{text}");
    }
    for negate in [json!({ "values": [] }), json!({ "values": [], "negate": true })] {
        for field in ["name", "manager", "createdAt"] {
            let error = from_json(json!({ field: negate })).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{field}.values: an empty list of values")), "{error}");
        }
    }
    // Said on purpose, it is sent.
    let filter = json!({ "name": { "values": [null] }, "manager": { "values": [null], "negate": true } });
    let expected = json!({ "name": { "values": [] }, "manager": { "values": [], "negate": true } });
    assert_eq!(sent(from_json(filter).unwrap()).await, expected);
}

#[tokio::test]
async fn arguments_are_sent_as_variables_with_types_of_the_schema() {
    let (transport, client) = in_memory::engine();
    let evil = "\") { nodes { id } } #";
    let order = [PersonOrder::desc(PersonOrderField::Name), PersonOrder::asc(PersonOrderField::CreatedAt)];
    let query = client.people().view(PersonView::All).order(order).filter(PersonFilter::new().name(evil));
    assert!(query.all().await.unwrap().is_empty());
    let request = &transport.requests()[0];
    for variable in ["$filter: PersonFilter", "$order: [PersonOrder!]", "$view: PersonView", "$first: Int"] {
        assert!(request.document.contains(variable), "{variable} is not in {}", request.document);
    }
    assert!(!request.document.contains("nodes { id } } #"));
    assert_eq!(request.variables["filter"]["name"]["values"][0], evil);
    assert_eq!(request.variables["view"], "all");
    let order =
        json!([{ "field": "name", "direction": "desc" }, { "field": "createdAt", "direction": "asc" }]);
    assert_eq!(request.variables["order"], order);
}

#[tokio::test]
async fn unset_arguments_are_not_sent() {
    let (transport, client) = in_memory::engine();
    client.people().all().await.unwrap();
    assert_eq!(transport.requests()[0].variables, json!({ "first": 100 }), "the server knows its defaults");
}

#[tokio::test]
async fn values_of_one_filter_are_alternatives_and_filters_are_combined() {
    let (_transport, client) = in_memory::engine();
    let people = client.people().view(PersonView::All).all().await.unwrap();
    let names: Vec<String> = people.iter().filter_map(|person| person.name.clone()).take(12).collect();
    let is_named = |name: &Option<String>| name.as_ref().is_some_and(|name| names.contains(name));
    let named = people.iter().filter(|person| is_named(&person.name)).count();
    let both = people.iter().filter(|person| is_named(&person.name) && person.disabled == Some(true)).count();
    assert!(both > 0 && both < named);
    let filter = || PersonFilter::new().name(Filter::any_of(&names));
    assert_eq!(count(&client, filter()).await, i64::try_from(named).unwrap());
    assert_eq!(count(&client, filter().disabled(true)).await, i64::try_from(both).unwrap());
}

#[tokio::test]
async fn empty_and_present_records_are_all_records() {
    let (_transport, client) = in_memory::engine();
    let all = client.people().view(PersonView::All).all().await.unwrap();
    let without = all.iter().filter(|person| person.manager.is_none()).count();
    assert!(without > 0 && without < all.len());
    let empty = count(&client, PersonFilter::new().manager(Filter::empty())).await;
    let present = count(&client, PersonFilter::new().manager(Filter::present())).await;
    assert_eq!(empty, i64::try_from(without).unwrap());
    assert_eq!(present, i64::try_from(all.len() - without).unwrap());
}

#[tokio::test]
async fn combined_bounds_select_a_range() {
    let (_transport, client) = in_memory::engine();
    let all = client.people().view(PersonView::All).all().await.unwrap();
    let mut times: Vec<_> = all.iter().filter_map(|person| person.created_at).collect();
    times.sort_by_key(|time| time.instant());
    let (low, high) = (times[20], times[80]);
    let between = RangeFilter::new().greater_than_or_equal_to(low).less_than(high);
    let found = count(&client, PersonFilter::new().created_at(between)).await;
    let expected =
        times.iter().filter(|time| (low.instant()..high.instant()).contains(&time.instant())).count();
    assert_eq!(found, i64::try_from(expected).unwrap());
    assert!(expected > 0 && expected < all.len());
}

#[tokio::test]
async fn a_null_among_the_values_of_a_custom_filter_finds_records_without_a_value() {
    let (_transport, client) = in_memory::engine();
    let all = client.people().view(PersonView::All).all().await.unwrap();
    let value = |fields: &Option<Vec<CustomField>>| {
        let field = fields.iter().flatten().find(|field| field.id.as_deref() == Some("cost_center"))?;
        field.value.as_ref()?.parse::<Option<String>>().ok()?
    };
    let values: Vec<Option<String>> = all.iter().map(|person| value(&person.custom_fields)).collect();
    let without = values.iter().filter(|value| value.is_none()).count();
    let one = values.iter().flatten().next().unwrap().clone();
    let with = values.iter().flatten().filter(|value| **value == one).count();
    let custom = |values: Vec<Option<String>>| {
        PersonFilter::new().custom_filters([PersonCustomFilter::new("cost_center", values)])
    };
    assert!(without > 0 && with > 0);
    assert_eq!(count(&client, custom(vec![None])).await, i64::try_from(without).unwrap());
    assert_eq!(count(&client, custom(vec![None, Some(one)])).await, i64::try_from(without + with).unwrap());
}

#[tokio::test]
async fn a_filter_on_an_enum_takes_its_values_and_sends_their_text() {
    let (transport, client) = in_memory::engine();
    let statuses = [RequestStatus::WaitingFor, RequestStatus::from("on_backlog")];
    let filter = RequestFilter::new().status(statuses);
    client.requests().view(RequestView::All).filter(filter).count().await.unwrap();
    let expected = json!({ "status": { "values": ["waiting_for", "on_backlog"] } });
    assert_eq!(transport.requests()[0].variables["filter"], expected);
}

#[tokio::test]
async fn lists_of_every_kind_are_taken_as_values() {
    let names = vec!["Howard".to_owned(), "James".to_owned()];
    let texts = ["Howard", "James"];
    let expected = json!({ "name": { "values": texts } });
    for filter in [
        PersonFilter::new().name(names.clone()),
        PersonFilter::new().name(&names),
        PersonFilter::new().name(&names[..]),
        PersonFilter::new().name(vec![&names[0], &names[1]]),
        PersonFilter::new().name(&texts),
        PersonFilter::new().name(&texts[..]),
        PersonFilter::new().name(texts.to_vec()),
        PersonFilter::new().name(Filter::any_of(&names)),
        PersonFilter::new().name(Filter::any_of(names.iter().map(String::as_str))),
        PersonFilter::new().name(Filter::any_of(names.iter().filter(|name| !name.is_empty()))),
    ] {
        assert_eq!(sent(filter).await, expected);
    }
    assert_eq!(sent(PersonFilter::new().name(&names[0])).await, json!({ "name": { "values": ["Howard"] } }));
    let many: Vec<String> = (0..20_000).map(|number| format!("person {number}")).collect();
    assert_eq!(sent(PersonFilter::new().name(&many)).await, json!({ "name": { "values": many } }));
}

#[tokio::test]
async fn ids_and_enums_are_taken_in_every_form() {
    let text = "NG1lLmNvbS9QZXJzb24vMQ".to_owned();
    let id = Id::from(&text);
    let expected = json!({ "id": { "values": [text] } });
    for filter in [
        PersonFilter::new().id(&id),
        PersonFilter::new().id(id.clone()),
        PersonFilter::new().id(&text),
        PersonFilter::new().id(text.clone()),
        PersonFilter::new().id([&id]),
        PersonFilter::new().id(vec![&text]),
        PersonFilter::new().id(&vec![text.clone()]),
        PersonFilter::new().id(Filter::any_of([&id])),
    ] {
        assert_eq!(sent(filter).await, expected);
    }
    let statuses = vec![RequestStatus::Assigned];
    let shown = format!("{:?}", RequestFilter::new().status(&statuses));
    for filter in [
        RequestFilter::new().status(&statuses[0]),
        RequestFilter::new().status(statuses.clone()),
        RequestFilter::new().status(Filter::any_of(statuses.iter())),
    ] {
        assert_eq!(format!("{filter:?}"), shown);
    }
}

#[tokio::test]
async fn an_empty_vec_or_slice_is_an_error() {
    let (transport, client) = in_memory::engine();
    let none: Vec<String> = Vec::new();
    for filter in [
        PersonFilter::new().name(&none),
        PersonFilter::new().name(&none[..]),
        PersonFilter::new().name(none.clone()),
        PersonFilter::new().name(Vec::<&str>::new()),
    ] {
        let error = client.people().filter(filter).count().await.unwrap_err();
        assert!(error.is_configuration(), "{error}");
    }
    assert!(transport.requests().is_empty());
}

#[test]
fn lists_of_inputs_take_slices_and_an_empty_vec() {
    let ids = vec!["a".to_owned()];
    let given = |input: PersonUpdateInput| serde_json::to_value(input).unwrap()["teamIds"].clone();
    assert_eq!(given(PersonUpdateInput::new("1").team_ids(&ids)), json!(["a"]));
    assert_eq!(given(PersonUpdateInput::new("1").team_ids(&["a"])), json!(["a"]));
    assert_eq!(given(PersonUpdateInput::new("1").team_ids(vec![])), json!([]));
}
