//! Custom fields: typed values, filters and changes.

use crate::{
    CustomField, CustomFieldInput, Date, Decimal, Error, Id, IntoInput, Json, Result, TimeOfDay, Timestamp,
};
use std::fmt::Display;
use xurrent_runtime::decode::from_slice;
use xurrent_runtime::serde::de::DeserializeOwned;
use xurrent_runtime::{Field, InputType, InputValue};

/// Reads the values of the `custom_fields` of any record, by the field's id.
///
/// ```
/// # use xurrent::{CustomField, CustomFieldValues, Decimal};
/// # fn example(record: Record) -> xurrent::Result<()> {
/// let impact: Option<String> = record.custom_fields.text("impact")?;
/// let budget: Option<Decimal> = record.custom_fields.decimal("budget")?;
/// # Ok(())
/// # }
/// # struct Record { custom_fields: Option<Vec<CustomField>> }
/// ```
///
/// A missing field and one whose value is null are both `Ok(None)`; [`has`](Self::has) distinguishes them.
/// Of fields with the same id, the first one counts.
///
/// # Errors
/// A value of another type is an error of kind [`Decode`](crate::ErrorKind::Decode) with the id of the field,
/// the expected type and the value. No value is converted, except that a [`decimal`](Self::decimal) may be a
/// text.
pub trait CustomFieldValues {
    /// The custom fields; none if the record has null.
    fn custom_fields(&self) -> &[CustomField];

    /// The custom field with this id.
    fn custom_field(&self, id: &str) -> Option<&CustomField> {
        self.custom_fields().iter().find(|field| field.id.as_deref() == Some(id))
    }

    /// Whether there is a custom field with this id, also one whose value is null.
    fn has(&self, id: &str) -> bool {
        self.custom_field(id).is_some()
    }

    /// The value as JSON; `None` for null.
    fn json(&self, id: &str) -> Option<&Json> {
        self.custom_field(id)?.value.as_ref().filter(|value| value.as_text().trim() != "null")
    }

    /// A text.
    fn text(&self, id: &str) -> Result<Option<String>> {
        leaf(self.json(id), id)
    }

    /// A boolean.
    fn boolean(&self, id: &str) -> Result<Option<bool>> {
        leaf(self.json(id), id)
    }

    /// An integer.
    fn integer(&self, id: &str) -> Result<Option<i64>> {
        leaf(self.json(id), id)
    }

    /// A decimal with all its digits, also if it is a text.
    fn decimal(&self, id: &str) -> Result<Option<Decimal>> {
        leaf(self.json(id), id)
    }

    /// A date, `2025-06-01`.
    fn date(&self, id: &str) -> Result<Option<Date>> {
        leaf(self.json(id), id)
    }

    /// A time of day, `08:30`.
    fn time(&self, id: &str) -> Result<Option<TimeOfDay>> {
        leaf(self.json(id), id)
    }

    /// A point in time, `2025-06-01T08:30:00Z`.
    fn timestamp(&self, id: &str) -> Result<Option<Timestamp>> {
        leaf(self.json(id), id)
    }

    /// A list of texts.
    fn list(&self, id: &str) -> Result<Option<Vec<String>>> {
        leaf(self.json(id), id)
    }

    /// Any type that `serde` can read.
    fn value<T: DeserializeOwned>(&self, id: &str) -> Result<Option<T>> {
        read(self.json(id), id, Json::parse)
    }
}

impl CustomFieldValues for [CustomField] {
    fn custom_fields(&self) -> &[CustomField] {
        self
    }
}

impl CustomFieldValues for Vec<CustomField> {
    fn custom_fields(&self) -> &[CustomField] {
        self
    }
}

impl CustomFieldValues for Option<Vec<CustomField>> {
    fn custom_fields(&self) -> &[CustomField] {
        self.as_deref().unwrap_or_default()
    }
}

/// Decodes a value like a field of a record.
fn leaf<T: Field>(json: Option<&Json>, id: &str) -> Result<Option<T>> {
    read(json, id, |json| from_slice(json.as_text().as_bytes()))
}

fn read<T, E: std::error::Error + Send + Sync + 'static>(
    json: Option<&Json>,
    id: &str,
    decode: impl FnOnce(&Json) -> Result<T, E>,
) -> Result<Option<T>> {
    let Some(json) = json else { return Ok(None) };
    let found = match json.as_text().trim_start().bytes().next() {
        Some(b'"') => "a text",
        Some(b't' | b'f') => "a boolean",
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        _ => "a number",
    };
    let failed = |error| Error::decode_failed(format!("the custom field {id:?} holds {found}"), error);
    decode(json).map(Some).map_err(failed)
}

/// One value of a custom filter, in the syntax of the API.
///
/// ```
/// use xurrent::{CustomFilterValue, PersonCustomFilter, PersonFilter};
///
/// let filter = PersonFilter::new().custom_filters([
///     PersonCustomFilter::new("drink", [CustomFilterValue::contains("wine")]),
///     PersonCustomFilter::new("budget", [CustomFilterValue::at_least(100).and_at_most(500)]),
///     PersonCustomFilter::new("due", [CustomFilterValue::at_least("2025-06-01").and_less_than("2025-07-01")]),
///     PersonCustomFilter::new("remark", [CustomFilterValue::none()]).negate(true),
/// ]);
/// ```
///
/// Several values of one filter are alternatives. A field of dates or timestamps takes exactly one value,
/// [`at_least`](Self::at_least) alone or with [`and_less_than`](Self::and_less_than), and no negation. A
/// field with options matches the label in the account's language, in this upper and lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a value does nothing until it is in a filter"]
pub struct CustomFilterValue(Option<String>);

impl CustomFilterValue {
    fn compared(operator: &str, bound: impl Display) -> Self {
        Self(Some(format!("{operator}{bound}")))
    }

    fn and(self, operator: &str, bound: impl Display) -> Self {
        Self(self.0.map(|first| format!("{first}{operator}{bound}")))
    }

    /// Equal to this text, number or label.
    pub fn equal_to(value: impl Display) -> Self {
        let value = value.to_string();
        Self(Some(if value.starts_with('~') { format!("'{value}") } else { value }))
    }

    /// A text that contains this one.
    pub fn contains(text: impl Display) -> Self {
        Self::compared("~", text)
    }

    /// No value.
    pub const fn none() -> Self {
        Self(None)
    }

    /// A number or a time below this one.
    pub fn less_than(bound: impl Display) -> Self {
        Self::compared("<", bound)
    }

    /// A number or a time up to this one, inclusive.
    pub fn at_most(bound: impl Display) -> Self {
        Self::compared("<=", bound)
    }

    /// A number or a time above this one.
    pub fn greater_than(bound: impl Display) -> Self {
        Self::compared(">", bound)
    }

    /// A number, a time, a date or a timestamp from this one on, inclusive.
    pub fn at_least(bound: impl Display) -> Self {
        Self::compared(">=", bound)
    }

    /// And below this one.
    pub fn and_less_than(self, bound: impl Display) -> Self {
        self.and("<", bound)
    }

    /// And up to this one, inclusive.
    pub fn and_at_most(self, bound: impl Display) -> Self {
        self.and("<=", bound)
    }
}

impl<N> IntoInput<Option<String>, N> for CustomFilterValue {
    fn into_input(self) -> InputValue {
        self.0.into_value()
    }
}

/// For collecting into `Vec<Option<String>>`.
impl From<CustomFilterValue> for Option<String> {
    fn from(value: CustomFilterValue) -> Self {
        value.0
    }
}

/// Changes of custom fields, for the `custom_fields` of any input.
///
/// ```
/// use xurrent::{CustomFieldPatch, Decimal, RequestUpdateInput};
///
/// let patch = CustomFieldPatch::new()
///     .set("impact", "high")
///     .set("approved", true)
///     .set("budget", Decimal::new(12_050, 2))
///     .set("colors", ["red", "green"])
///     .clear("due");
/// let input = RequestUpdateInput::new("NG1lLmNvbS9SZXEvMTI").custom_fields(patch);
/// ```
///
/// The server changes only these fields and keeps all others. A value cannot be removed, only set to null.
/// Setting the same id again replaces the value.
///
/// A call with a blank id fails before anything is sent.
#[derive(Debug, Clone, Default)]
#[must_use = "a patch does nothing until it is in an input"]
pub struct CustomFieldPatch(Vec<(Id, CustomFieldInput)>);

impl CustomFieldPatch {
    /// A patch without changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a field to any JSON value: a text, a number, a date, a boolean, a list, a
    /// [`Json`](crate::Json). `None` is null.
    pub fn set(mut self, id: impl Into<Id>, value: impl IntoInput<Json>) -> Self {
        let id = id.into();
        let field = CustomFieldInput::new(&id).value(value);
        match self.0.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => *known = field,
            None => self.0.push((id, field)),
        }
        self
    }

    /// Sets a field to null.
    pub fn clear(self, id: impl Into<Id>) -> Self {
        self.set(id, None)
    }
}

impl<N> IntoInput<Vec<CustomFieldInput>, N> for CustomFieldPatch {
    fn into_input(self) -> InputValue {
        self.0.into_iter().map(|(_, field)| field).collect::<Vec<_>>().into_value()
    }
}
