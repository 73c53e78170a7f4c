//! Filter and order names that the sandbox refuses, each with the reason.
//!
//! A refusal is an error in the answer. Anything else would be a guess, and let a test pass that
//! fails on the real server.

const ACTIVE: &str = "which statuses count as active is not public";
const CLOCK: &str = "it is worked out from the target and the clock, and the sandbox's time stands still";
const COVERAGE: &str = "whether a requester is covered depends on the coverage rules of agreements, which the sandbox does not follow";
const MENTION: &str = "the sandbox does not read mentions out of notes";
const SENTIMENT: &str = "no field of the record holds it";
const SOFTWARE: &str = "the record does not tell which of its categories are software";
const SUM: &str = "it is a sum over time entries";
const SURVEY: &str = "the record does not tell who responded to the survey, when, or what";

/// The type of the record, the name, and why it is refused.
pub(super) const REFUSED: [(&str, &str, &str); 51] = [
    ("AffectedSla", "bestEffortResolutionTarget", "it asks for a word in place of a moment, by a flag"),
    ("AffectedSla", "nextTargetIndication", CLOCK),
    ("AffectedSla", "requesterCovered", COVERAGE),
    ("AffectedSla", "resolutionTargetIndication", CLOCK),
    ("AffectedSla", "responseTargetIndication", CLOCK),
    ("ConfigurationItem", "active", ACTIVE),
    ("ConfigurationItem", "software", SOFTWARE),
    ("Contract", "active", ACTIVE),
    ("Invoice", "invoiceType", "the record has no type, and its names are not public"),
    ("KnowledgeArticle", "timesViewed", "the record does not tell how often it was viewed"),
    ("Organization", "supportedBy", "the record does not tell who supports it"),
    ("Person", "billable", "the record does not tell"),
    ("Problem", "analysisTargetIndication", CLOCK),
    ("Problem", "mentioningMe", MENTION),
    ("Project", "completionTargetIndication", CLOCK),
    ("Project", "mentioningMe", MENTION),
    ("ProjectTask", "completionTargetIndication", CLOCK),
    ("ProjectTask", "mentioningMe", MENTION),
    ("Release", "completionTargetIndication", CLOCK),
    ("Release", "mentioningMe", MENTION),
    ("Request", "lastNoteByRequester", "it depends on who wrote the last note, which no field tells"),
    ("Request", "mentioningMe", MENTION),
    ("Request", "nextTargetIndication", CLOCK),
    ("Request", "registeredBySd", "the record does not tell who registered it in what role"),
    ("Request", "respondedAt", SURVEY),
    ("Request", "respondent", SURVEY),
    ("Request", "response", SURVEY),
    ("Request", "sentiment", SENTIMENT),
    ("Request", "sentimentTrend", SENTIMENT),
    ("Request", "serviceCategory", "no field leads from a service to its category"),
    ("Request", "timeSpentOnRequest", SUM),
    ("Request", "timeSpentOnRequestAndWorkflow", SUM),
    ("Reservation", "recurrent", "it asks whether there is a recurrence, by a flag"),
    ("Risk", "mentioningMe", MENTION),
    ("Risk", "mitigationTargetIndication", CLOCK),
    ("ServiceInstance", "outdated", "the record does not tell"),
    ("ShopArticle", "isBundle", "the record does not tell"),
    ("ShopArticle", "minQuantity", "the record has no smallest quantity"),
    ("ShopArticle", "providerAccount", "the record does not tell the account of the provider"),
    ("ShopOrderLine", "providerAccount", "the record does not tell the account of the provider"),
    ("ShortUrl", "createdBy", "the record does not tell who created it"),
    ("ShortUrl", "createdByName", "the record does not tell who created it"),
    ("Survey", "service", "only the service knows its survey"),
    ("Task", "completionTargetIndication", CLOCK),
    ("Task", "mentioningMe", MENTION),
    ("Task", "skillPool", "the record does not tell"),
    (
        "TimeEntry",
        "requestCategory",
        "it asks for the category of requests alone, and other assignments have one too",
    ),
    ("Translation", "type", "the names it goes by are not public"),
    ("Workflow", "completionTargetIndication", CLOCK),
    ("Workflow", "createdFromRequest", "the record does not tell which of its requests came first"),
    ("Workflow", "mentioningMe", MENTION),
];
