//! The payloads of events.

use super::decode_macro::{Decoded, Value, objects};
use xurrent_values::decode::Decoder;
use xurrent_values::open_enum::OpenEnum;
use xurrent_values::scalar::{Date, Decimal, Id, Timestamp};

objects! {
    /// The account that a record belongs to.
    AccountRef {
        /// The account's id: `wdc`.
        id: Option<String> = "id",
        /// The account's name.
        name: Option<String> = "name",
    }

    /// A reference to a record in a payload.
    RecordRef {
        /// Its number, as the REST interface has it.
        id: Option<i64> = "id",
        /// Its identifier in GraphQL.
        node_id: Option<Id> = "nodeID",
        /// Its name.
        name: Option<String> = "name",
        /// Its subject, for records with a subject instead of a name.
        subject: Option<String> = "subject",
        /// Its identifier in the system it comes from.
        source_id: Option<String> = "sourceID",
        /// Whether it is disabled.
        disabled: bool = "disabled",
        /// The account it belongs to.
        account: Option<AccountRef> = "account",
    }

    /// The payload of events without a specific one.
    CommonPayload {
        /// The audit line of the event, if there is one. Notes and time spent have none.
        audit_line_id: Option<i64> = "audit_line_id",
        /// The same in GraphQL.
        audit_line_node_id: Option<Id> = "audit_line_nodeID",
        /// The note that was added with the change.
        note_id: Option<i64> = "note_id",
        /// The same in GraphQL.
        note_node_id: Option<Id> = "note_nodeID",
        /// Where the record comes from.
        source: Option<String> = "source",
        /// Its identifier there.
        source_id: Option<String> = "sourceID",
        /// Its status, as a text: which values there are depends on the type of the record.
        status: Option<String> = "status",
        /// The status before, for the events `*.status-changed`.
        previous_status: Option<String> = "previous_status",
        /// The team that the record is assigned to.
        team: Option<RecordRef> = "team",
        /// The person that the record is assigned to.
        member: Option<RecordRef> = "member",
    }

    /// The payload of `time_entry.*`: the whole time entry, without its cost.
    TimeEntryPayload {
        /// Its number.
        id: i64 = "id",
        /// Its identifier in GraphQL.
        node_id: Option<Id> = "nodeID",
        /// The day on which the time was spent.
        date: Option<Date> = "date",
        /// When the work began.
        started_at: Option<Timestamp> = "started_at",
        /// Minutes. Negative for a correction.
        time_spent: Option<i64> = "time_spent",
        /// Whether it corrects another entry.
        correction: bool = "correction",
        /// Whether it was deleted.
        deleted: bool = "deleted",
        /// The description of the work.
        description: Option<String> = "description",
        /// The kind of effort.
        effort_class: Option<RecordRef> = "effort_class",
        /// What the time is allocated to.
        time_allocation: Option<RecordRef> = "time_allocation",
        /// The charge, with all digits.
        charge: Option<Decimal> = "charge",
        /// The charge per hour.
        charge_rate: Option<Decimal> = "charge_rate",
        /// The type of the charge.
        charge_type: Option<ChargeType> = "charge_type",
        /// The currency of the charge, such as `EUR`.
        charge_currency: Option<String> = "charge_currency",
        /// The currency of the cost, which itself is not sent.
        cost_currency: Option<String> = "cost_currency",
        /// The rate's identifier in an agreement.
        rate_id: Option<String> = "rateID",
        /// The agreement's identifier.
        agreement_id: Option<String> = "agreementID",
        /// The customer.
        customer: Option<RecordRef> = "customer",
        /// The organization of the person.
        organization: Option<RecordRef> = "organization",
        /// The person who spent the time.
        person: Option<RecordRef> = "person",
        /// The team of that person.
        team: Option<RecordRef> = "team",
        /// The service.
        service: Option<RecordRef> = "service",
        /// The service instance.
        service_instance: Option<RecordRef> = "service_instance",
        /// The service level agreement.
        sla: Option<RecordRef> = "sla",
        /// The request.
        request: Option<RecordRef> = "request",
        /// The problem.
        problem: Option<RecordRef> = "problem",
        /// The task.
        task: Option<RecordRef> = "task",
        /// The project task.
        project_task: Option<RecordRef> = "project_task",
        /// The note that was added with it.
        note_id: Option<i64> = "note_id",
        /// The same in GraphQL.
        note_node_id: Option<Id> = "note_nodeID",
        /// When the entry was created.
        created_at: Option<Timestamp> = "created_at",
        /// When it was last updated.
        updated_at: Option<Timestamp> = "updated_at",
    }

    /// The payload of `out_of_office_period.*`: the whole period.
    OutOfOfficePeriodPayload {
        /// Its number.
        id: i64 = "id",
        /// Its identifier in GraphQL.
        node_id: Option<Id> = "nodeID",
        /// The absent person.
        person: Option<RecordRef> = "person",
        /// The person who approves meanwhile.
        approval_delegate: Option<RecordRef> = "approval_delegate",
        /// The reason.
        reason: Option<String> = "reason",
        /// The start of the period.
        start_at: Option<Timestamp> = "start_at",
        /// The end of the period.
        end_at: Option<Timestamp> = "end_at",
        /// The kind of effort.
        effort_class: Option<RecordRef> = "effort_class",
        /// What the time is allocated to.
        time_allocation: Option<RecordRef> = "time_allocation",
        /// Where the record comes from.
        source: Option<String> = "source",
        /// Its identifier there.
        source_id: Option<String> = "sourceID",
        /// When the period was created.
        created_at: Option<Timestamp> = "created_at",
        /// When it was last updated.
        updated_at: Option<Timestamp> = "updated_at",
    }

    /// The payload of `webhook.verify`.
    VerifyPayload {
        /// The URL to call within 24 hours, which [`Verifier::confirm`](super::Verifier::confirm) does. It
        /// contains a code: keep it out of logs.
        callback: String = "callback",
    }
}

xurrent_values::open_enum! {
    /// How time is charged.
    ChargeType = "ServiceOfferingChargeType" {
        FixedPrice = "fixed_price",
        TimeMaterial = "time_material",
    }
}

impl Value for ChargeType {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Option<Self>> {
        let text = decoder.string(Self::NAME)?;
        Ok((!text.is_empty()).then(|| Self::from(text)))
    }
}
