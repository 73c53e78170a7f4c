//! Peer: derived structs with the fields of the SDK's `Person` and `Request`, in the same order and
//! with the same leaf types.

use rust_decimal::Decimal;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use xurrent::{Id, Json};

/// One page of a connection.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Page<T> {
    #[serde(rename = "pageInfo")]
    pub(crate) page_info: PageInfo,
    pub(crate) nodes: Vec<T>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PageInfo {
    #[serde(rename = "hasNextPage")]
    pub(crate) has_next_page: bool,
    #[serde(rename = "endCursor")]
    pub(crate) end_cursor: Option<String>,
}

/// A reference to a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ref {
    pub(crate) id: Id,
}

/// The SDK's timestamp, parsed from borrowed text. The SDK's own `Deserialize` copies the text first.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct Timestamp(pub(crate) xurrent::Timestamp);

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

/// An open enum: it keeps unknown values.
macro_rules! open_enum {
    ($name:ident { $($variant:ident),* $(,)? }) => {
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name {
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
pub(crate) struct CustomField {
    #[serde(rename = "id")]
    pub(crate) id: Option<String>,
    #[serde(rename = "value")]
    pub(crate) value: Option<Json>,
}

/// Where satisfaction is given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FeedbackUrls {
    #[serde(rename = "dissatisfiedUrl")]
    pub(crate) dissatisfied_url: Option<String>,
    #[serde(rename = "satisfiedUrl")]
    pub(crate) satisfied_url: Option<String>,
}

/// Who can give satisfaction, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Feedback {
    #[serde(rename = "requestedBy")]
    pub(crate) requested_by: Option<FeedbackUrls>,
    #[serde(rename = "requestedFor")]
    pub(crate) requested_for: Option<FeedbackUrls>,
}

/// The fields of the SDK's `Person`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Person {
    #[serde(rename = "account")]
    pub(crate) account: Option<Ref>,
    #[serde(rename = "authenticationID")]
    pub(crate) authentication_id: Option<String>,
    #[serde(rename = "autoTranslation")]
    pub(crate) auto_translation: Option<bool>,
    #[serde(rename = "costPerHour")]
    pub(crate) cost_per_hour: Option<Decimal>,
    #[serde(rename = "costPerHourCurrency")]
    pub(crate) cost_per_hour_currency: Option<Currency>,
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Option<Timestamp>,
    #[serde(rename = "customFields")]
    pub(crate) custom_fields: Option<Vec<CustomField>>,
    #[serde(rename = "disabled")]
    pub(crate) disabled: Option<bool>,
    #[serde(rename = "doNotTranslateLanguages")]
    pub(crate) do_not_translate_languages: Option<Vec<String>>,
    #[serde(rename = "employeeID")]
    pub(crate) employee_id: Option<String>,
    #[serde(rename = "excludeTeamNotifications")]
    pub(crate) exclude_team_notifications: Option<bool>,
    #[serde(rename = "guest")]
    pub(crate) guest: Option<bool>,
    #[serde(rename = "id")]
    pub(crate) id: Id,
    #[serde(rename = "information")]
    pub(crate) information: Option<String>,
    #[serde(rename = "jobTitle")]
    pub(crate) job_title: Option<String>,
    #[serde(rename = "language")]
    pub(crate) language: Option<String>,
    #[serde(rename = "lifeCycleState")]
    pub(crate) life_cycle_state: Option<LifeCycleState>,
    #[serde(rename = "location")]
    pub(crate) location: Option<String>,
    #[serde(rename = "manager")]
    pub(crate) manager: Option<Ref>,
    #[serde(rename = "name")]
    pub(crate) name: Option<String>,
    #[serde(rename = "oauthPersonEnablement")]
    pub(crate) oauth_person_enablement: Option<bool>,
    #[serde(rename = "organization")]
    pub(crate) organization: Option<Ref>,
    #[serde(rename = "pictureUri")]
    pub(crate) picture_uri: Option<String>,
    #[serde(rename = "primaryEmail")]
    pub(crate) primary_email: Option<String>,
    #[serde(rename = "sendEmailNotifications")]
    pub(crate) send_email_notifications: Option<PersonSendEmailNotifications>,
    #[serde(rename = "showNotificationPopup")]
    pub(crate) show_notification_popup: Option<PersonShowNotificationPopup>,
    #[serde(rename = "site")]
    pub(crate) site: Option<Ref>,
    #[serde(rename = "source")]
    pub(crate) source: Option<String>,
    #[serde(rename = "sourceID")]
    pub(crate) source_id: Option<String>,
    #[serde(rename = "supportID")]
    pub(crate) support_id: Option<String>,
    #[serde(rename = "timeFormat24h")]
    pub(crate) time_format24h: Option<bool>,
    #[serde(rename = "timeZone")]
    pub(crate) time_zone: Option<String>,
    #[serde(rename = "uiExtension")]
    pub(crate) ui_extension: Option<Ref>,
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Option<Timestamp>,
    #[serde(rename = "vip")]
    pub(crate) vip: Option<bool>,
    #[serde(rename = "workHours")]
    pub(crate) work_hours: Option<Ref>,
}

/// The fields of the SDK's `Request`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    #[serde(rename = "account")]
    pub(crate) account: Option<Ref>,
    #[serde(rename = "addressed")]
    pub(crate) addressed: Option<bool>,
    #[serde(rename = "agileBoard")]
    pub(crate) agile_board: Option<Ref>,
    #[serde(rename = "agileBoardColumn")]
    pub(crate) agile_board_column: Option<Ref>,
    #[serde(rename = "agileBoardColumnPosition")]
    pub(crate) agile_board_column_position: Option<i64>,
    #[serde(rename = "assignmentCount")]
    pub(crate) assignment_count: Option<i64>,
    #[serde(rename = "category")]
    pub(crate) category: Option<RequestCategory>,
    #[serde(rename = "checkedItems")]
    pub(crate) checked_items: Option<Vec<String>>,
    #[serde(rename = "closureCode")]
    pub(crate) closure_code: Option<String>,
    #[serde(rename = "completedAt")]
    pub(crate) completed_at: Option<Timestamp>,
    #[serde(rename = "completionReason")]
    pub(crate) completion_reason: Option<RequestCompletionReason>,
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Option<Timestamp>,
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Option<Ref>,
    #[serde(rename = "customFields")]
    pub(crate) custom_fields: Option<Vec<CustomField>>,
    #[serde(rename = "desiredCompletionAt")]
    pub(crate) desired_completion_at: Option<Timestamp>,
    #[serde(rename = "downtimeEndAt")]
    pub(crate) downtime_end_at: Option<Timestamp>,
    #[serde(rename = "downtimeStartAt")]
    pub(crate) downtime_start_at: Option<Timestamp>,
    #[serde(rename = "feedback")]
    pub(crate) feedback: Option<Feedback>,
    #[serde(rename = "feedbackOnKnowledgeArticle")]
    pub(crate) feedback_on_knowledge_article: Option<Ref>,
    #[serde(rename = "groupedInto")]
    pub(crate) grouped_into: Option<Ref>,
    #[serde(rename = "grouping")]
    pub(crate) grouping: Option<RequestGrouping>,
    #[serde(rename = "id")]
    pub(crate) id: Id,
    #[serde(rename = "impact")]
    pub(crate) impact: Option<RequestImpact>,
    #[serde(rename = "lifeCycleState")]
    pub(crate) life_cycle_state: Option<LifeCycleState>,
    #[serde(rename = "majorIncidentStatus")]
    pub(crate) major_incident_status: Option<RequestMajorIncidentStatus>,
    #[serde(rename = "member")]
    pub(crate) member: Option<Ref>,
    #[serde(rename = "nextTargetAt")]
    pub(crate) next_target_at: Option<Timestamp>,
    #[serde(rename = "organization")]
    pub(crate) organization: Option<Ref>,
    #[serde(rename = "plannedEffort")]
    pub(crate) planned_effort: Option<i64>,
    #[serde(rename = "problem")]
    pub(crate) problem: Option<Ref>,
    #[serde(rename = "productBacklog")]
    pub(crate) product_backlog: Option<Ref>,
    #[serde(rename = "productBacklogEstimate")]
    pub(crate) product_backlog_estimate: Option<i64>,
    #[serde(rename = "productBacklogPosition")]
    pub(crate) product_backlog_position: Option<i64>,
    #[serde(rename = "project")]
    pub(crate) project: Option<Ref>,
    #[serde(rename = "providerNotAccountable")]
    pub(crate) provider_not_accountable: Option<bool>,
    #[serde(rename = "providerWasNotAccountable")]
    pub(crate) provider_was_not_accountable: Option<bool>,
    #[serde(rename = "reopenCount")]
    pub(crate) reopen_count: Option<i64>,
    #[serde(rename = "requestId")]
    pub(crate) request_id: Option<String>,
    #[serde(rename = "requestedBy")]
    pub(crate) requested_by: Option<Ref>,
    #[serde(rename = "requestedFor")]
    pub(crate) requested_for: Option<Ref>,
    #[serde(rename = "requesterResolutionTargetAt")]
    pub(crate) requester_resolution_target_at: Option<Timestamp>,
    #[serde(rename = "resolutionDuration")]
    pub(crate) resolution_duration: Option<i64>,
    #[serde(rename = "resolutionTargetAt")]
    pub(crate) resolution_target_at: Option<Timestamp>,
    #[serde(rename = "responseTargetAt")]
    pub(crate) response_target_at: Option<Timestamp>,
    #[serde(rename = "reviewed")]
    pub(crate) reviewed: Option<bool>,
    #[serde(rename = "rfcType")]
    pub(crate) rfc_type: Option<Ref>,
    #[serde(rename = "satisfaction")]
    pub(crate) satisfaction: Option<FeedbackSatisfaction>,
    #[serde(rename = "satisfactionAt")]
    pub(crate) satisfaction_at: Option<Timestamp>,
    #[serde(rename = "serviceInstance")]
    pub(crate) service_instance: Option<Ref>,
    #[serde(rename = "source")]
    pub(crate) source: Option<String>,
    #[serde(rename = "sourceID")]
    pub(crate) source_id: Option<String>,
    #[serde(rename = "status")]
    pub(crate) status: Option<RequestStatus>,
    #[serde(rename = "subject")]
    pub(crate) subject: Option<String>,
    #[serde(rename = "summary")]
    pub(crate) summary: Option<String>,
    #[serde(rename = "supplier")]
    pub(crate) supplier: Option<Ref>,
    #[serde(rename = "supplierRequestID")]
    pub(crate) supplier_request_id: Option<String>,
    #[serde(rename = "task")]
    pub(crate) task: Option<Ref>,
    #[serde(rename = "team")]
    pub(crate) team: Option<Ref>,
    #[serde(rename = "template")]
    pub(crate) template: Option<Ref>,
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Option<Timestamp>,
    #[serde(rename = "urgent")]
    pub(crate) urgent: Option<bool>,
    #[serde(rename = "waitingUntil")]
    pub(crate) waiting_until: Option<Timestamp>,
    #[serde(rename = "workflow")]
    pub(crate) workflow: Option<Ref>,
}
