//! Types as the generator writes them, one leaf of every kind among them.

use xurrent_runtime as rt;

#[derive(Clone)]
#[non_exhaustive]
pub(crate) struct Leaves {
    pub(crate) text: String,
    pub(crate) id: rt::Id,
    pub(crate) whole: i64,
    pub(crate) ratio: f64,
    pub(crate) flag: bool,
    pub(crate) amount: rt::Decimal,
    pub(crate) day: rt::Date,
    pub(crate) time_of_day: rt::TimeOfDay,
    pub(crate) at: rt::Timestamp,
    pub(crate) any: rt::Json,
    pub(crate) mood: Mood,
}
impl rt::Field for Leaves {
    #[inline]
    fn vacant() -> Self {
        Self {
            text: rt::Field::vacant(),
            id: rt::Field::vacant(),
            whole: rt::Field::vacant(),
            ratio: rt::Field::vacant(),
            flag: rt::Field::vacant(),
            amount: rt::Field::vacant(),
            day: rt::Field::vacant(),
            time_of_day: rt::Field::vacant(),
            at: rt::Field::vacant(),
            any: rt::Field::vacant(),
            mood: rt::Field::vacant(),
        }
    }
    #[inline]
    fn decode(&mut self, decoder: &mut rt::Decoder<'_>) -> rt::Decoded {
        decoder.object(
            <Self as rt::Object>::TABLE,
            &mut [
                &mut self.text,
                &mut self.id,
                &mut self.whole,
                &mut self.ratio,
                &mut self.flag,
                &mut self.amount,
                &mut self.day,
                &mut self.time_of_day,
                &mut self.at,
                &mut self.any,
                &mut self.mood,
            ],
        )
    }
}

impl rt::Encode for Leaves {
    #[inline]
    fn encode(&self, sink: &mut rt::Sink<'_>) {
        sink(rt::encode::Encoded::Object(
            <Self as rt::Object>::TABLE,
            &[
                &self.text,
                &self.id,
                &self.whole,
                &self.ratio,
                &self.flag,
                &self.amount,
                &self.day,
                &self.time_of_day,
                &self.at,
                &self.any,
                &self.mood,
            ],
        ));
    }
}
impl rt::Object for Leaves {
    const TABLE: &'static rt::Table = &rt::Table {
        name: "Leaves",
        fields: &["text", "id", "whole", "ratio", "flag", "amount", "day", "timeOfDay", "at", "any", "mood"],
        nested: &[],
    };
}
rt::object_impls!(Leaves);

#[derive(Clone)]
#[non_exhaustive]
pub(crate) struct Record {
    pub(crate) id: rt::Id,
    pub(crate) text: Option<String>,
    pub(crate) whole: Option<i64>,
    pub(crate) ratio: Option<f64>,
    pub(crate) flag: Option<bool>,
    pub(crate) amount: Option<rt::Decimal>,
    pub(crate) day: Option<rt::Date>,
    pub(crate) time_of_day: Option<rt::TimeOfDay>,
    pub(crate) at: Option<rt::Timestamp>,
    pub(crate) any: Option<rt::Json>,
    pub(crate) mood: Option<Mood>,
    pub(crate) source_id: Option<rt::Id>,
    pub(crate) tags: Option<Vec<Option<String>>>,
    pub(crate) grid: Vec<Vec<Option<i64>>>,
    pub(crate) leaves: Leaves,
    pub(crate) lines: Option<Vec<Leaves>>,
    pub(crate) owner: Option<rt::Ref<Record>>,
    pub(crate) target: Option<Target>,
}
impl rt::Field for Record {
    #[inline]
    fn vacant() -> Self {
        Self {
            id: rt::Field::vacant(),
            text: None,
            whole: None,
            ratio: None,
            flag: None,
            amount: None,
            day: None,
            time_of_day: None,
            at: None,
            any: None,
            mood: None,
            source_id: None,
            tags: None,
            grid: rt::Field::vacant(),
            leaves: rt::Field::vacant(),
            lines: None,
            owner: None,
            target: None,
        }
    }
    #[inline]
    fn decode(&mut self, decoder: &mut rt::Decoder<'_>) -> rt::Decoded {
        decoder.object(
            <Self as rt::Object>::TABLE,
            &mut [
                &mut self.id,
                &mut self.text,
                &mut self.whole,
                &mut self.ratio,
                &mut self.flag,
                &mut self.amount,
                &mut self.day,
                &mut self.time_of_day,
                &mut self.at,
                &mut self.any,
                &mut self.mood,
                &mut self.source_id,
                &mut self.tags,
                &mut self.grid,
                &mut self.leaves,
                &mut self.lines,
                &mut self.owner,
                &mut self.target,
            ],
        )
    }
}

impl rt::Encode for Record {
    #[inline]
    fn encode(&self, sink: &mut rt::Sink<'_>) {
        sink(rt::encode::Encoded::Object(
            <Self as rt::Object>::TABLE,
            &[
                &self.id,
                &self.text,
                &self.whole,
                &self.ratio,
                &self.flag,
                &self.amount,
                &self.day,
                &self.time_of_day,
                &self.at,
                &self.any,
                &self.mood,
                &self.source_id,
                &self.tags,
                &self.grid,
                &self.leaves,
                &self.lines,
                &self.owner,
                &self.target,
            ],
        ));
    }
}
impl rt::Object for Record {
    const TABLE: &'static rt::Table = &rt::Table {
        name: "Record",
        fields: &[
            "id",
            "text",
            "whole",
            "ratio",
            "flag",
            "amount",
            "day",
            "timeOfDay",
            "at",
            "any",
            "mood",
            "sourceID",
            "tags",
            "grid",
            "leaves",
            "lines",
            "owner",
            "target",
        ],
        nested: &[
            ("leaves", rt::Selection::Object(<Leaves as rt::Object>::TABLE)),
            ("lines", rt::Selection::Object(<Leaves as rt::Object>::TABLE)),
            ("owner", rt::Selection::Reference),
            ("target", rt::Selection::Interface { node: true }),
        ],
    };
}
impl rt::Fetch for Record {
    type Record = Self;
    const TYPE: &'static str = "Record";
}
rt::object_impls!(Record);

/// As deep as a document likes: the only type here that contains itself.
#[derive(Clone)]
#[non_exhaustive]
pub(crate) struct Chain {
    pub(crate) next: Option<Box<Chain>>,
}
impl rt::Field for Chain {
    #[inline]
    fn vacant() -> Self {
        Self { next: None }
    }
    #[inline]
    fn decode(&mut self, decoder: &mut rt::Decoder<'_>) -> rt::Decoded {
        decoder.object(<Self as rt::Object>::TABLE, &mut [&mut self.next])
    }
}

impl rt::Encode for Chain {
    #[inline]
    fn encode(&self, sink: &mut rt::Sink<'_>) {
        sink(rt::encode::Encoded::Object(<Self as rt::Object>::TABLE, &[&self.next]));
    }
}
impl rt::Object for Chain {
    const TABLE: &'static rt::Table = &rt::Table { name: "Chain", fields: &["next"], nested: &[] };
}
rt::object_impls!(Chain);

rt::open_enum! {
    Mood = "Mood" {
        Good = "good",
        /// The schema has a value of this name, which is not the fallback.
        Other = "other",
    }
}

rt::open_enum! {
    TargetType = typename "Target" {
        Record = "Record",
    }
}

pub(crate) type Target = rt::Interface<TargetType>;
