//! What a user would write by hand over `serde_json`: derived structs with the fields of the SDK's
//! `Person` and `Request`, in the same order and with the same leaf types.

use rust_decimal::Decimal;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use xurrent::{Id, Json};

/// One page of a connection.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Page<T> {
    #[serde(rename = "pageInfo")]
    pub(super) page_info: PageInfo,
    pub(super) nodes: Vec<T>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PageInfo {
    #[serde(rename = "hasNextPage")]
    pub(super) has_next_page: bool,
    #[serde(rename = "endCursor")]
    pub(super) end_cursor: Option<String>,
}

/// A record that is named but not fetched.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Ref {
    pub(super) id: Id,
}

/// The SDK's timestamp, parsed from the borrowed text. The SDK's own `Deserialize` copies the
/// text first, which a careful user of `serde_json` would not do.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(super) struct Timestamp(pub(super) xurrent::Timestamp);

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a timestamp")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map(Timestamp).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// An enum that keeps a text it does not know, as the SDK's enums do.
macro_rules! open_enum {
    ($name:ident { $($variant:ident),* $(,)? }) => {
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(super) enum $name {
            $($variant,)*
            #[serde(untagged)]
            Unrecognized(String),
        }
    };
}

open_enum!(Currency {
    Aed,
    Ars,
    Aud,
    Bam,
    Brl,
    Btc,
    Cad,
    Chf,
    Clp,
    Cny,
    Cop,
    Czk,
    Dkk,
    Dzd,
    Eur,
    Gbp,
    Ghs,
    Hkd,
    Hrk,
    Huf,
    Idr,
    Ils,
    Inr,
    Jpy,
    Krw,
    Mxn,
    Ngn,
    Nok,
    Nzd,
    Omr,
    Php,
    Pkr,
    Pln,
    Rsd,
    Rub,
    Sek,
    Sgd,
    Thb,
    Try,
    Twd,
    Usd,
    Zar
});
open_enum!(LifeCycleState { Active, Archived, Erased, Trashed });
open_enum!(PersonSendEmailNotifications { Always, Never, WhenOffline });
open_enum!(PersonShowNotificationPopup { Always, ImportantOnly, Never });
open_enum!(RequestCategory {
    Case,
    Complaint,
    Compliment,
    Fulfillment,
    Incident,
    Order,
    Other,
    Reservation,
    Rfc,
    Rfi
});
open_enum!(RequestCompletionReason {
    Conflict,
    Declined,
    Duplicate,
    Gone,
    NoReply,
    Rejected,
    Solved,
    Unsolvable,
    Withdrawn,
    Workaround
});
open_enum!(RequestGrouping { Group, Grouped, None });
open_enum!(RequestImpact { High, Low, Medium, Top });
open_enum!(RequestMajorIncidentStatus { Accepted, Canceled, Proposed, Rejected, Resolved });
open_enum!(RequestStatus {
    Accepted,
    Assigned,
    Completed,
    Declined,
    InProgress,
    OnBacklog,
    ProjectPending,
    ReservationPending,
    WaitingFor,
    WaitingForCustomer,
    WorkflowPending
});
open_enum!(FeedbackSatisfaction { Dissatisfied, Satisfied });

/// A field that an account defines.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CustomField {
    #[serde(rename = "id")]
    pub(super) id: Id,
    #[serde(rename = "value")]
    pub(super) value: Option<Json>,
}

/// Where satisfaction is given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FeedbackUrls {
    #[serde(rename = "dissatisfiedUrl")]
    pub(super) dissatisfied_url: Option<String>,
    #[serde(rename = "satisfiedUrl")]
    pub(super) satisfied_url: Option<String>,
}

/// Who can give satisfaction, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Feedback {
    #[serde(rename = "requestedBy")]
    pub(super) requested_by: Option<FeedbackUrls>,
    #[serde(rename = "requestedFor")]
    pub(super) requested_for: Option<FeedbackUrls>,
}

/// The fields of the SDK's `Person`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Person {
    #[serde(rename = "account")]
    pub(super) account: Option<Ref>,
    #[serde(rename = "authenticationID")]
    pub(super) authentication_id: Option<String>,
    #[serde(rename = "autoTranslation")]
    pub(super) auto_translation: Option<bool>,
    #[serde(rename = "costPerHour")]
    pub(super) cost_per_hour: Option<Decimal>,
    #[serde(rename = "costPerHourCurrency")]
    pub(super) cost_per_hour_currency: Option<Currency>,
    #[serde(rename = "createdAt")]
    pub(super) created_at: Option<Timestamp>,
    #[serde(rename = "customFields")]
    pub(super) custom_fields: Option<Vec<CustomField>>,
    #[serde(rename = "disabled")]
    pub(super) disabled: Option<bool>,
    #[serde(rename = "doNotTranslateLanguages")]
    pub(super) do_not_translate_languages: Option<Vec<String>>,
    #[serde(rename = "employeeID")]
    pub(super) employee_id: Option<String>,
    #[serde(rename = "excludeTeamNotifications")]
    pub(super) exclude_team_notifications: Option<bool>,
    #[serde(rename = "guest")]
    pub(super) guest: Option<bool>,
    #[serde(rename = "id")]
    pub(super) id: Id,
    #[serde(rename = "information")]
    pub(super) information: Option<String>,
    #[serde(rename = "jobTitle")]
    pub(super) job_title: Option<String>,
    #[serde(rename = "language")]
    pub(super) language: Option<String>,
    #[serde(rename = "lifeCycleState")]
    pub(super) life_cycle_state: Option<LifeCycleState>,
    #[serde(rename = "location")]
    pub(super) location: Option<String>,
    #[serde(rename = "manager")]
    pub(super) manager: Option<Ref>,
    #[serde(rename = "name")]
    pub(super) name: Option<String>,
    #[serde(rename = "oauthPersonEnablement")]
    pub(super) oauth_person_enablement: Option<bool>,
    #[serde(rename = "organization")]
    pub(super) organization: Option<Ref>,
    #[serde(rename = "pictureUri")]
    pub(super) picture_uri: Option<String>,
    #[serde(rename = "primaryEmail")]
    pub(super) primary_email: Option<String>,
    #[serde(rename = "sendEmailNotifications")]
    pub(super) send_email_notifications: Option<PersonSendEmailNotifications>,
    #[serde(rename = "showNotificationPopup")]
    pub(super) show_notification_popup: Option<PersonShowNotificationPopup>,
    #[serde(rename = "site")]
    pub(super) site: Option<Ref>,
    #[serde(rename = "source")]
    pub(super) source: Option<String>,
    #[serde(rename = "sourceID")]
    pub(super) source_id: Option<String>,
    #[serde(rename = "supportID")]
    pub(super) support_id: Option<String>,
    #[serde(rename = "timeFormat24h")]
    pub(super) time_format24h: Option<bool>,
    #[serde(rename = "timeZone")]
    pub(super) time_zone: Option<String>,
    #[serde(rename = "uiExtension")]
    pub(super) ui_extension: Option<Ref>,
    #[serde(rename = "updatedAt")]
    pub(super) updated_at: Option<Timestamp>,
    #[serde(rename = "vip")]
    pub(super) vip: Option<bool>,
    #[serde(rename = "workHours")]
    pub(super) work_hours: Option<Ref>,
}

/// The fields of the SDK's `Request`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Request {
    #[serde(rename = "account")]
    pub(super) account: Option<Ref>,
    #[serde(rename = "addressed")]
    pub(super) addressed: Option<bool>,
    #[serde(rename = "agileBoard")]
    pub(super) agile_board: Option<Ref>,
    #[serde(rename = "agileBoardColumn")]
    pub(super) agile_board_column: Option<Ref>,
    #[serde(rename = "agileBoardColumnPosition")]
    pub(super) agile_board_column_position: Option<i64>,
    #[serde(rename = "assignmentCount")]
    pub(super) assignment_count: Option<i64>,
    #[serde(rename = "category")]
    pub(super) category: Option<RequestCategory>,
    #[serde(rename = "checkedItems")]
    pub(super) checked_items: Option<Vec<String>>,
    #[serde(rename = "closureCode")]
    pub(super) closure_code: Option<String>,
    #[serde(rename = "completedAt")]
    pub(super) completed_at: Option<Timestamp>,
    #[serde(rename = "completionReason")]
    pub(super) completion_reason: Option<RequestCompletionReason>,
    #[serde(rename = "createdAt")]
    pub(super) created_at: Option<Timestamp>,
    #[serde(rename = "createdBy")]
    pub(super) created_by: Option<Ref>,
    #[serde(rename = "customFields")]
    pub(super) custom_fields: Option<Vec<CustomField>>,
    #[serde(rename = "desiredCompletionAt")]
    pub(super) desired_completion_at: Option<Timestamp>,
    #[serde(rename = "downtimeEndAt")]
    pub(super) downtime_end_at: Option<Timestamp>,
    #[serde(rename = "downtimeStartAt")]
    pub(super) downtime_start_at: Option<Timestamp>,
    #[serde(rename = "feedback")]
    pub(super) feedback: Option<Feedback>,
    #[serde(rename = "feedbackOnKnowledgeArticle")]
    pub(super) feedback_on_knowledge_article: Option<Ref>,
    #[serde(rename = "groupedInto")]
    pub(super) grouped_into: Option<Ref>,
    #[serde(rename = "grouping")]
    pub(super) grouping: Option<RequestGrouping>,
    #[serde(rename = "id")]
    pub(super) id: Id,
    #[serde(rename = "impact")]
    pub(super) impact: Option<RequestImpact>,
    #[serde(rename = "lifeCycleState")]
    pub(super) life_cycle_state: Option<LifeCycleState>,
    #[serde(rename = "majorIncidentStatus")]
    pub(super) major_incident_status: Option<RequestMajorIncidentStatus>,
    #[serde(rename = "member")]
    pub(super) member: Option<Ref>,
    #[serde(rename = "nextTargetAt")]
    pub(super) next_target_at: Option<Timestamp>,
    #[serde(rename = "organization")]
    pub(super) organization: Option<Ref>,
    #[serde(rename = "plannedEffort")]
    pub(super) planned_effort: Option<i64>,
    #[serde(rename = "problem")]
    pub(super) problem: Option<Ref>,
    #[serde(rename = "productBacklog")]
    pub(super) product_backlog: Option<Ref>,
    #[serde(rename = "productBacklogEstimate")]
    pub(super) product_backlog_estimate: Option<i64>,
    #[serde(rename = "productBacklogPosition")]
    pub(super) product_backlog_position: Option<i64>,
    #[serde(rename = "project")]
    pub(super) project: Option<Ref>,
    #[serde(rename = "providerNotAccountable")]
    pub(super) provider_not_accountable: Option<bool>,
    #[serde(rename = "providerWasNotAccountable")]
    pub(super) provider_was_not_accountable: Option<bool>,
    #[serde(rename = "reopenCount")]
    pub(super) reopen_count: Option<i64>,
    #[serde(rename = "requestId")]
    pub(super) request_id: Option<String>,
    #[serde(rename = "requestedBy")]
    pub(super) requested_by: Option<Ref>,
    #[serde(rename = "requestedFor")]
    pub(super) requested_for: Option<Ref>,
    #[serde(rename = "requesterResolutionTargetAt")]
    pub(super) requester_resolution_target_at: Option<Timestamp>,
    #[serde(rename = "resolutionDuration")]
    pub(super) resolution_duration: Option<i64>,
    #[serde(rename = "resolutionTargetAt")]
    pub(super) resolution_target_at: Option<Timestamp>,
    #[serde(rename = "responseTargetAt")]
    pub(super) response_target_at: Option<Timestamp>,
    #[serde(rename = "reviewed")]
    pub(super) reviewed: Option<bool>,
    #[serde(rename = "rfcType")]
    pub(super) rfc_type: Option<Ref>,
    #[serde(rename = "satisfaction")]
    pub(super) satisfaction: Option<FeedbackSatisfaction>,
    #[serde(rename = "satisfactionAt")]
    pub(super) satisfaction_at: Option<Timestamp>,
    #[serde(rename = "serviceInstance")]
    pub(super) service_instance: Option<Ref>,
    #[serde(rename = "source")]
    pub(super) source: Option<String>,
    #[serde(rename = "sourceID")]
    pub(super) source_id: Option<String>,
    #[serde(rename = "status")]
    pub(super) status: Option<RequestStatus>,
    #[serde(rename = "subject")]
    pub(super) subject: Option<String>,
    #[serde(rename = "summary")]
    pub(super) summary: Option<String>,
    #[serde(rename = "supplier")]
    pub(super) supplier: Option<Ref>,
    #[serde(rename = "supplierRequestID")]
    pub(super) supplier_request_id: Option<String>,
    #[serde(rename = "task")]
    pub(super) task: Option<Ref>,
    #[serde(rename = "team")]
    pub(super) team: Option<Ref>,
    #[serde(rename = "template")]
    pub(super) template: Option<Ref>,
    #[serde(rename = "updatedAt")]
    pub(super) updated_at: Option<Timestamp>,
    #[serde(rename = "urgent")]
    pub(super) urgent: Option<bool>,
    #[serde(rename = "waitingUntil")]
    pub(super) waiting_until: Option<Timestamp>,
    #[serde(rename = "workflow")]
    pub(super) workflow: Option<Ref>,
}
