//! Peer: derived structs with the fields of the SDK's `Person` and `Request`, in the same order and
//! with the same leaf types.

use rust_decimal::Decimal;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use xurrent::{Id, Json};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page<T> {
    pub(crate) page_info: PageInfo,
    pub(crate) nodes: Vec<T>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageInfo {
    pub(crate) has_next_page: bool,
    pub(crate) end_cursor: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Ref {
    id: Id,
}

/// The SDK's timestamp, parsed from borrowed text. The SDK's own `Deserialize` copies the text first.
#[derive(Serialize)]
#[serde(transparent)]
struct Timestamp(xurrent::Timestamp);

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&str>::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

/// Open enums: they keep unknown values.
macro_rules! open_enums {
    ($($name:ident: $($variant:ident)*;)*) => {$(
        #[derive(Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum $name {
            $($variant,)*
            #[serde(untagged)]
            Unrecognized(String),
        }
    )*};
}

open_enums! {
    Currency: Aed Ars Aud Bam Brl Btc Cad Chf Clp Cny Cop Czk Dkk Dzd Eur Gbp Ghs Hkd Hrk Huf Idr Ils Inr Jpy
        Krw Mxn Ngn Nok Nzd Omr Php Pkr Pln Rsd Rub Sek Sgd Thb Try Twd Usd Zar;
    LifeCycleState: Active Archived Erased Trashed;
    PersonSendEmailNotifications: Always Never WhenOffline;
    PersonShowNotificationPopup: Always ImportantOnly Never;
    RequestCategory: Case Complaint Compliment Fulfillment Incident Order Other Reservation Rfc Rfi;
    RequestCompletionReason: Conflict Declined Duplicate Gone NoReply Rejected Solved Unsolvable Withdrawn
        Workaround;
    RequestGrouping: Group Grouped None;
    RequestImpact: High Low Medium Top;
    RequestMajorIncidentStatus: Accepted Canceled Proposed Rejected Resolved;
    RequestStatus: Accepted Assigned Completed Declined InProgress OnBacklog ProjectPending
        ReservationPending WaitingFor WaitingForCustomer WorkflowPending;
    FeedbackSatisfaction: Dissatisfied Satisfied;
}

/// A field that an account defines.
#[derive(Serialize, Deserialize)]
struct CustomField {
    id: Option<String>,
    value: Option<Json>,
}

/// Where satisfaction is given.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FeedbackUrls {
    dissatisfied_url: Option<String>,
    satisfied_url: Option<String>,
}

/// Who can give satisfaction, and where.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    requested_by: Option<FeedbackUrls>,
    requested_for: Option<FeedbackUrls>,
}

/// The fields of the SDK's `Person`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Person {
    account: Option<Ref>,
    #[serde(rename = "authenticationID")]
    authentication_id: Option<String>,
    auto_translation: Option<bool>,
    cost_per_hour: Option<Decimal>,
    cost_per_hour_currency: Option<Currency>,
    created_at: Option<Timestamp>,
    custom_fields: Option<Vec<CustomField>>,
    disabled: Option<bool>,
    do_not_translate_languages: Option<Vec<String>>,
    #[serde(rename = "employeeID")]
    employee_id: Option<String>,
    exclude_team_notifications: Option<bool>,
    guest: Option<bool>,
    id: Id,
    information: Option<String>,
    job_title: Option<String>,
    language: Option<String>,
    life_cycle_state: Option<LifeCycleState>,
    location: Option<String>,
    manager: Option<Ref>,
    name: Option<String>,
    oauth_person_enablement: Option<bool>,
    organization: Option<Ref>,
    picture_uri: Option<String>,
    primary_email: Option<String>,
    send_email_notifications: Option<PersonSendEmailNotifications>,
    show_notification_popup: Option<PersonShowNotificationPopup>,
    site: Option<Ref>,
    source: Option<String>,
    #[serde(rename = "sourceID")]
    source_id: Option<String>,
    #[serde(rename = "supportID")]
    support_id: Option<String>,
    time_format24h: Option<bool>,
    time_zone: Option<String>,
    ui_extension: Option<Ref>,
    updated_at: Option<Timestamp>,
    vip: Option<bool>,
    work_hours: Option<Ref>,
}

/// The fields of the SDK's `Request`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    account: Option<Ref>,
    addressed: Option<bool>,
    agile_board: Option<Ref>,
    agile_board_column: Option<Ref>,
    agile_board_column_position: Option<i64>,
    assignment_count: Option<i64>,
    category: Option<RequestCategory>,
    checked_items: Option<Vec<String>>,
    closure_code: Option<String>,
    completed_at: Option<Timestamp>,
    completion_reason: Option<RequestCompletionReason>,
    created_at: Option<Timestamp>,
    created_by: Option<Ref>,
    custom_fields: Option<Vec<CustomField>>,
    desired_completion_at: Option<Timestamp>,
    downtime_end_at: Option<Timestamp>,
    downtime_start_at: Option<Timestamp>,
    feedback: Option<Feedback>,
    feedback_on_knowledge_article: Option<Ref>,
    grouped_into: Option<Ref>,
    grouping: Option<RequestGrouping>,
    id: Id,
    impact: Option<RequestImpact>,
    life_cycle_state: Option<LifeCycleState>,
    major_incident_status: Option<RequestMajorIncidentStatus>,
    member: Option<Ref>,
    next_target_at: Option<Timestamp>,
    organization: Option<Ref>,
    planned_effort: Option<i64>,
    problem: Option<Ref>,
    product_backlog: Option<Ref>,
    product_backlog_estimate: Option<i64>,
    product_backlog_position: Option<i64>,
    project: Option<Ref>,
    provider_not_accountable: Option<bool>,
    provider_was_not_accountable: Option<bool>,
    reopen_count: Option<i64>,
    request_id: Option<String>,
    requested_by: Option<Ref>,
    requested_for: Option<Ref>,
    requester_resolution_target_at: Option<Timestamp>,
    resolution_duration: Option<i64>,
    resolution_target_at: Option<Timestamp>,
    response_target_at: Option<Timestamp>,
    reviewed: Option<bool>,
    rfc_type: Option<Ref>,
    satisfaction: Option<FeedbackSatisfaction>,
    satisfaction_at: Option<Timestamp>,
    service_instance: Option<Ref>,
    source: Option<String>,
    #[serde(rename = "sourceID")]
    source_id: Option<String>,
    status: Option<RequestStatus>,
    subject: Option<String>,
    summary: Option<String>,
    supplier: Option<Ref>,
    #[serde(rename = "supplierRequestID")]
    supplier_request_id: Option<String>,
    task: Option<Ref>,
    team: Option<Ref>,
    template: Option<Ref>,
    updated_at: Option<Timestamp>,
    urgent: Option<bool>,
    waiting_until: Option<Timestamp>,
    workflow: Option<Ref>,
}
