//! Deterministic pages of records.

use super::peer::{
    Currency, CustomField, Feedback, FeedbackSatisfaction, FeedbackUrls, LifeCycleState, Page, PageInfo,
    Person, PersonSendEmailNotifications, PersonShowNotificationPopup, Ref, Request, RequestCategory,
    RequestCompletionReason, RequestGrouping, RequestImpact, RequestMajorIncidentStatus, RequestStatus,
    Timestamp,
};
use rust_decimal::Decimal;
use xurrent::{Id, Json};

/// Records of the largest page of the API.
pub(super) const RECORDS: usize = 100;

const GIVEN: [&str; 8] = ["Howard", "James", "Ellen", "Grace", "Tom", "Widget", "Marie", "Antonio"];
const FAMILY: [&str; 7] = ["Tanner", "Waters", "Brown", "Hopper", "Fields", "Okafor", "van den Berg"];
const NON_ASCII_NAMES: [&str; 4] = ["José Muñoz", "Zoë Åkesson", "Наталья Ким", "山田 太郎"];

/// A page of people: flat, plain ASCII, a third of the optional fields null.
pub(super) fn people() -> Page<Person> {
    page((0..RECORDS).map(person).collect())
}

/// A page of requests: nested objects, timestamps, custom fields, and texts with quotes, line breaks and
/// non-ASCII letters.
pub(super) fn requests() -> Page<Request> {
    page((0..RECORDS).map(request).collect())
}

fn page<T>(nodes: Vec<T>) -> Page<T> {
    let end_cursor = Some("eyJuIjoxMDAsInMiOiIyMDI2LTAxLTMxIn0".to_owned());
    Page { page_info: PageInfo { has_next_page: true, end_cursor }, nodes }
}

/// A value for most records, null for every `nth`.
fn unless_every<T>(nth: usize, index: usize, value: T) -> Option<T> {
    if index.is_multiple_of(nth) { None } else { Some(value) }
}

fn pick<T: Clone>(values: &[T], index: usize) -> Option<T> {
    values.get(index % values.len().max(1)).cloned()
}

/// A node id: base 64 of the type and a number.
fn id(kind: &str, index: usize) -> Id {
    Id::new(format!("NG1lLnh1cnJlbnQ{kind}L{:09}", 170_000_000 + index * 7919))
}

fn reference(kind: &str, index: usize) -> Option<Ref> {
    Some(Ref { id: id(kind, index) })
}

/// A timestamp in January 2026, with an offset.
fn at(minutes: usize, offset: &str) -> Option<Timestamp> {
    let (day, hour, minute) = (1 + minutes / 1440 % 28, minutes / 60 % 24, minutes % 60);
    let text = format!("2026-01-{day:02}T{hour:02}:{minute:02}:{:02}{offset}", minutes % 59);
    text.parse().ok().map(Timestamp)
}

fn custom_field(name: &str, value: &serde_json::Value) -> CustomField {
    CustomField { id: Some(name.to_owned()), value: Some(Json::from(value.clone())) }
}

fn person(index: usize) -> Person {
    let given = GIVEN[index % GIVEN.len()];
    let family = FAMILY[index % FAMILY.len()];
    let login = format!("{}.{}", given.to_lowercase(), family.to_lowercase().replace(' ', ""));
    let custom_fields = vec![
        custom_field("badge", &format!("B-{:05}", index * 37).into()),
        custom_field("remote_days", &(index % 5).into()),
    ];
    Person {
        account: reference("Account", 1),
        authentication_id: unless_every(5, index, format!("{login}@widget.example")),
        auto_translation: Some(index.is_multiple_of(2)),
        cost_per_hour: unless_every(4, index, Decimal::new(4250 + i64::from(index as u32) * 25, 2)),
        cost_per_hour_currency: pick(&[Currency::Usd, Currency::Eur, Currency::Gbp], index),
        created_at: at(index * 11, "Z"),
        custom_fields: unless_every(3, index, custom_fields),
        disabled: Some(index.is_multiple_of(9)),
        do_not_translate_languages: unless_every(3, index, vec!["en".to_owned(), "nl".to_owned()]),
        employee_id: unless_every(6, index, format!("E{:06}", 41_000 + index)),
        exclude_team_notifications: Some(false),
        guest: Some(index.is_multiple_of(17)),
        id: id("Person", index),
        information: unless_every(
            2,
            index,
            "Works from the Boston office, on call every second week.".to_owned(),
        ),
        job_title: pick(&["Service desk analyst", "Network engineer", "Team lead"], index).map(str::to_owned),
        language: pick(&["en", "en-GB", "nl", "de"], index).map(str::to_owned),
        life_cycle_state: Some(LifeCycleState::Active),
        location: unless_every(3, index, format!("Floor {}, desk {}", index % 9, index)),
        manager: unless_every(8, index, Ref { id: id("Person", index / 8) }),
        name: Some(format!("{given} {family}")),
        oauth_person_enablement: unless_every(2, index, true),
        organization: reference("Organization", index / 10),
        picture_uri: unless_every(3, index, format!("https://widget.example/people/{index}/picture.png")),
        primary_email: Some(format!("{login}@widget.example")),
        send_email_notifications: pick(
            &[PersonSendEmailNotifications::Always, PersonSendEmailNotifications::WhenOffline],
            index,
        ),
        show_notification_popup: pick(
            &[PersonShowNotificationPopup::ImportantOnly, PersonShowNotificationPopup::Never],
            index,
        ),
        site: unless_every(5, index, Ref { id: id("Site", index / 20) }),
        source: unless_every(2, index, "Active Directory".to_owned()),
        source_id: unless_every(2, index, format!("S-1-5-21-{}", 1_085_031_214 + index)),
        support_id: unless_every(4, index, format!("{:04}", 1000 + index)),
        time_format24h: Some(true),
        time_zone: pick(&["Eastern Time (US & Canada)", "Amsterdam", "UTC"], index).map(str::to_owned),
        ui_extension: unless_every(2, index, Ref { id: id("UiExtension", 3) }),
        updated_at: at(index * 13 + 5, "Z"),
        vip: Some(index.is_multiple_of(25)),
        work_hours: reference("Calendar", index % 3),
    }
}

fn satisfaction_urls(index: usize) -> FeedbackUrls {
    let url = |mood: &str| format!("https://wdc.xurrent.com/feedback/{index}?mood={mood}&lang=en");
    FeedbackUrls {
        dissatisfied_url: Some(url("dissatisfied")),
        satisfied_url: unless_every(4, index, url("satisfied")),
    }
}

fn custom_fields(index: usize) -> Vec<CustomField> {
    let name = NON_ASCII_NAMES[index % NON_ASCII_NAMES.len()];
    vec![
        custom_field("approver", &serde_json::json!({ "name": name, "levels": [1, 2, index % 7] })),
        custom_field("budget", &serde_json::json!(1250.5)),
        custom_field("remark", &serde_json::json!("say \"ja\" \\ or \"nee\"\n")),
    ]
}

fn request(index: usize) -> Request {
    let name = NON_ASCII_NAMES[index % NON_ASCII_NAMES.len()];
    let subject = format!("{name}: \"VPN\" drops after the update <{index}>");
    let summary =
        format!("Reported by {name}.\n\n- path: C:\\Users\\{index}\n- \"error 809\"\tevery morning\n");
    let finished = index.is_multiple_of(3);
    Request {
        account: reference("Account", 1),
        addressed: Some(finished),
        agile_board: unless_every(2, index, Ref { id: id("AgileBoard", 2) }),
        agile_board_column: unless_every(2, index, Ref { id: id("AgileBoardColumn", index % 4) }),
        agile_board_column_position: unless_every(2, index, 4),
        assignment_count: Some(2),
        category: pick(&[RequestCategory::Incident, RequestCategory::Rfi, RequestCategory::Other], index),
        checked_items: unless_every(3, index, vec!["✓ cable".to_owned(), "driver".to_owned()]),
        closure_code: None,
        completed_at: if finished { at(index * 17 + 900, "+01:00") } else { None },
        completion_reason: if finished { Some(RequestCompletionReason::Solved) } else { None },
        created_at: at(index * 17, "+01:00"),
        created_by: reference("Person", index),
        custom_fields: Some(custom_fields(index)),
        desired_completion_at: at(index * 17 + 2000, "+01:00"),
        downtime_end_at: None,
        downtime_start_at: at(index * 17 + 3, "-05:00"),
        feedback: Some(Feedback {
            requested_by: Some(satisfaction_urls(index)),
            requested_for: unless_every(3, index, satisfaction_urls(index + 1)),
        }),
        feedback_on_knowledge_article: None,
        grouped_into: unless_every(2, index, Ref { id: id("Request", 0) }),
        grouping: Some(RequestGrouping::None),
        id: id("Request", index),
        impact: pick(&[RequestImpact::Low, RequestImpact::Medium, RequestImpact::Top], index),
        life_cycle_state: Some(LifeCycleState::Active),
        major_incident_status: unless_every(2, index, RequestMajorIncidentStatus::Proposed),
        member: reference("Person", index / 3),
        next_target_at: at(index * 17 + 60, "+01:00"),
        organization: reference("Organization", index / 10),
        planned_effort: unless_every(2, index, 90),
        problem: None,
        product_backlog: None,
        product_backlog_estimate: None,
        product_backlog_position: None,
        project: None,
        provider_not_accountable: Some(false),
        provider_was_not_accountable: Some(false),
        reopen_count: Some(0),
        request_id: Some(format!("{}", 70_401 + index)),
        requested_by: reference("Person", index),
        requested_for: reference("Person", index + 1),
        requester_resolution_target_at: at(index * 17 + 480, "+01:00"),
        resolution_duration: if finished { Some(900) } else { None },
        resolution_target_at: at(index * 17 + 470, "+01:00"),
        response_target_at: at(index * 17 + 30, "+01:00"),
        reviewed: Some(finished),
        rfc_type: None,
        satisfaction: if finished { Some(FeedbackSatisfaction::Satisfied) } else { None },
        satisfaction_at: if finished { at(index * 17 + 1000, "+01:00") } else { None },
        service_instance: reference("ServiceInstance", index % 12),
        source: None,
        source_id: None,
        status: pick(&[RequestStatus::Assigned, RequestStatus::WaitingForCustomer], index),
        subject: Some(subject),
        summary: Some(summary),
        supplier: None,
        supplier_request_id: None,
        task: None,
        team: reference("Team", index % 6),
        template: unless_every(2, index, Ref { id: id("RequestTemplate", index % 9) }),
        updated_at: at(index * 17 + 950, "+01:00"),
        urgent: Some(false),
        waiting_until: None,
        workflow: None,
    }
}
