//! Types as the generator writes them, one leaf of every kind among them.

use xurrent_runtime as rt;

rt::object! {
    object Leaves = "Leaves" {
        text: String = "text": "String!",
        id: rt::Id = "id": "ID!",
        whole: i64 = "whole": "Int!",
        ratio: f64 = "ratio": "Float!",
        flag: bool = "flag": "Boolean!",
        amount: rt::Decimal = "amount": "Decimal!",
        day: rt::Date = "day": "ISO8601Date!",
        time_of_day: rt::TimeOfDay = "timeOfDay": "ISO8601Time!",
        at: rt::Timestamp = "at": "ISO8601Timestamp!",
        any: rt::Json = "any": "JSON!",
        mood: Mood = "mood": "Mood!",
    }
}

rt::object! {
    node Record = "Record" {
        id: rt::Id = "id": "ID!",
        text: Option<String> = "text": "String",
        whole: Option<i64> = "whole": "Int",
        ratio: Option<f64> = "ratio": "Float",
        flag: Option<bool> = "flag": "Boolean",
        amount: Option<rt::Decimal> = "amount": "Decimal",
        day: Option<rt::Date> = "day": "ISO8601Date",
        time_of_day: Option<rt::TimeOfDay> = "timeOfDay": "ISO8601Time",
        at: Option<rt::Timestamp> = "at": "ISO8601Timestamp",
        any: Option<rt::Json> = "any": "JSON",
        mood: Option<Mood> = "mood": "Mood",
        source_id: Option<rt::Id> = "sourceID": "ID",
        tags: Option<Vec<Option<String>>> = "tags": "[String]",
        grid: Vec<Vec<Option<i64>>> = "grid": "[[Int]!]!",
        leaves: Leaves = "leaves": "Leaves!" { .. },
        lines: Option<Vec<Leaves>> = "lines": "[Leaves!]" { .. },
        owner: Option<rt::Ref<Record>> = "owner": "Record" { id },
        target: Option<Target> = "target": "Target" { .. },
    }
}

rt::object! {
    /// As deep as a document likes: the only type here that contains itself.
    object Chain = "Chain" {
        next: Option<Box<Chain>> = "next": "Chain",
    }
}

rt::open_enum! {
    Mood = "Mood" {
        Good = "good",
        /// The schema has a value of this name, which is not the fallback.
        Other = "other",
    }
}

rt::interface! {
    interface Target = "Target" {}
    types TargetType {
        Record = "Record",
    }
    nodes any
}
