//! Valid documents.

pub(crate) mod changes;

use Value::{List, Object, Plain, Text};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::fmt::Write as _;

/// A JSON value whose numbers are texts and whose keys may repeat.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Plain(String),
    Text(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
}

impl Value {
    /// The n-th value in the order of the text, of those that are wanted.
    fn nth(&mut self, n: &mut usize, wanted: fn(&Value) -> bool) -> Option<&mut Value> {
        if wanted(self) {
            if *n == 0 {
                return Some(self);
            }
            *n -= 1;
        }
        match self {
            List(items) => items.iter_mut().find_map(|item| item.nth(n, wanted)),
            Object(entries) => entries.iter_mut().find_map(|(_, item)| item.nth(n, wanted)),
            _ => None,
        }
    }

    fn count(&self, wanted: fn(&Value) -> bool) -> usize {
        let inside = match self {
            List(items) => items.iter().map(|item| item.count(wanted)).sum(),
            Object(entries) => entries.iter().map(|(_, item)| item.count(wanted)).sum(),
            _ => 0,
        };
        inside + usize::from(wanted(self))
    }

    /// The JSON text. `style` is the seed of the white space and of the escapes; 0 has neither.
    pub(crate) fn write(&self, style: u64) -> String {
        let mut out = String::new();
        Writer { out: &mut out, state: style }.value(self);
        out
    }
}

struct Writer<'a> {
    out: &'a mut String,
    state: u64,
}

impl Writer<'_> {
    /// A few random bits; always 0 for the seed 0.
    fn bits(&mut self, bits: u32) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 20) & ((1 << bits) - 1)
    }

    fn space(&mut self) {
        let space = ["", "", "", "", " ", "\n", "\t\r", "   "][self.bits(3) as usize];
        self.out.push_str(space);
    }

    fn value(&mut self, value: &Value) {
        self.space();
        match value {
            Plain(text) => self.out.push_str(text),
            Text(text) => self.text(text),
            List(items) => self.items('[', items, ']', |writer, item| writer.value(item)),
            Object(entries) => self.items('{', entries, '}', |writer, (key, item)| {
                writer.space();
                writer.text(key);
                writer.space();
                writer.out.push(':');
                writer.value(item);
            }),
        }
        self.space();
    }

    fn items<T>(&mut self, open: char, items: &[T], close: char, write: impl Fn(&mut Self, &T)) {
        self.out.push(open);
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            write(self, item);
        }
        self.space();
        self.out.push(close);
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for character in text.chars() {
            let wish = self.bits(3);
            match character {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' if wish < 4 => self.out.push_str("\\n"),
                '/' if wish > 3 => self.out.push_str("\\/"),
                _ if character < ' ' || wish == 7 => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        let _ = write!(self.out, "\\u{unit:04x}");
                    }
                }
                _ => self.out.push(character),
            }
        }
        self.out.push('"');
    }
}

fn plain(text: impl ToString) -> Value {
    Plain(text.to_string())
}

fn null() -> impl Strategy<Value = Value> {
    Just(plain("null"))
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "\\PC{0,8}",
        vec(any::<char>(), 0..6).prop_map(String::from_iter),
        select(&["", "\"", "\\", "/", "\n", "\0", "\u{7f}", "\u{2028}", "💡", "null", "1"][..])
            .prop_map(String::from),
    ]
}

fn text() -> impl Strategy<Value = Value> {
    words().prop_map(Text)
}

fn whole() -> impl Strategy<Value = Value> {
    let edges = [
        "0",
        "-0",
        "-1",
        "2147483648",
        "9223372036854775807",
        "-9223372036854775808",
        "1000000000000000000",
        "999999999999999999",
    ];
    prop_oneof![
        any::<i64>().prop_map(plain),
        (-1000..1000_i64).prop_map(plain),
        select(edges.to_vec()).prop_map(plain)
    ]
}

fn ratio() -> impl Strategy<Value = Value> {
    let edges = ["0", "-0", "-0.0", "1", "1e-400", "5e-324", "1.7976931348623157e308", "0.1", "1E+2"];
    prop_oneof![
        any::<f64>().prop_map(|value| plain(format_args!("{value:e}"))),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?".prop_map(Plain),
        select(edges.to_vec()).prop_map(plain),
    ]
}

fn amount() -> impl Strategy<Value = Value> {
    let digits = || "-?(0|[1-9][0-9]{0,14})(\\.[0-9]{1,13})?([eE]-?[0-9])?";
    prop_oneof![digits().prop_map(Plain), digits().prop_map(Text), "\\+?[0-9]{1,3}\\.?".prop_map(Text)]
}

fn date() -> impl Strategy<Value = String> {
    (0..=9998, 1..=12, 1..=28).prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"))
}

fn day() -> impl Strategy<Value = Value> {
    date().prop_map(Text)
}

fn time_of_day() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..24, 0..60).prop_map(|(hour, minute)| Text(format!("{hour:02}:{minute:02}"))),
        (0..24, 0..60, 0..60)
            .prop_map(|(hour, minute, second)| Text(format!("{hour:02}:{minute:02}:{second:02}"))),
        select(&["24:00", "24:00:00"][..]).prop_map(|text| Text(text.to_owned())),
    ]
}

fn at() -> impl Strategy<Value = Value> {
    let zone = prop_oneof![
        Just("Z".to_owned()),
        Just("z".to_owned()),
        (0..=23, 0..60).prop_map(|(hour, minute)| format!("+{hour:02}:{minute:02}")),
        (0..=23, 0..60).prop_map(|(hour, minute)| format!("-{hour:02}:{minute:02}")),
    ];
    let clock =
        (0..24, 0..60, 0..60).prop_map(|(hour, minute, second)| format!("{hour:02}:{minute:02}:{second:02}"));
    prop_oneof![
        3 => (date(), "[Tt]", clock, "(\\.[0-9]{1,9})?", zone)
            .prop_map(|(date, t, clock, fraction, zone)| Text(format!("{date}{t}{clock}{fraction}{zone}"))),
        1 => select(&["best_effort", "no_target", "clock_stopped"][..]).prop_map(|text| Text(text.to_owned())),
    ]
}

fn mood() -> impl Strategy<Value = Value> {
    prop_oneof![select(&["good", "other", "Good"][..]).prop_map(|text| Text(text.to_owned())), text()]
}

/// Any JSON at all.
pub(crate) fn anything() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        null(),
        any::<bool>().prop_map(plain),
        text(),
        whole(),
        ratio(),
        Just(plain("1e999")),
        Just(plain("123456789012345678901234567890")),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![vec(inner.clone(), 0..4).prop_map(List), vec((words(), inner), 0..4).prop_map(Object),]
    })
    .boxed()
}

fn object(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let (names, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    values.prop_map(move |values| Object(names.iter().map(ToString::to_string).zip(values).collect())).boxed()
}

fn or_null(value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![1 => null(), 3 => value].boxed()
}

fn list(item: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    vec(item, 0..4).prop_map(List).boxed()
}

fn leaves(json: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    object(vec![
        ("text", text().boxed()),
        ("id", text().boxed()),
        ("whole", whole().boxed()),
        ("ratio", ratio().boxed()),
        ("flag", any::<bool>().prop_map(plain).boxed()),
        ("amount", amount().boxed()),
        ("day", day().boxed()),
        ("timeOfDay", time_of_day().boxed()),
        ("at", at().boxed()),
        ("any", json),
        ("mood", mood().boxed()),
    ])
}

/// A document that both sides must accept, keys in the order of the selection. `json` is what its
/// `JSON` fields hold.
pub(crate) fn record(json: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let typename = || prop_oneof![Just(Text("Record".to_owned())), text()].boxed();
    let target = prop_oneof![
        object(vec![("__typename", typename())]),
        object(vec![("__typename", typename()), ("id", text().boxed())]),
    ];
    object(vec![
        ("id", text().boxed()),
        ("text", or_null(text())),
        ("whole", or_null(whole())),
        ("ratio", or_null(ratio())),
        ("flag", or_null(any::<bool>().prop_map(plain))),
        ("amount", or_null(amount())),
        ("day", or_null(day())),
        ("timeOfDay", or_null(time_of_day())),
        ("at", or_null(at())),
        ("any", or_null(json.clone())),
        ("mood", or_null(mood())),
        ("sourceID", or_null(text())),
        ("tags", or_null(list(or_null(text())))),
        ("grid", list(list(or_null(whole())))),
        ("leaves", leaves(json.clone())),
        ("lines", or_null(vec(leaves(json), 0..3).prop_map(List))),
        ("owner", or_null(object(vec![("id", text().boxed())]))),
        ("target", or_null(target)),
    ])
}
