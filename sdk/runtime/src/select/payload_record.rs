//! The record in a mutation's payload.

use super::const_str::{equal, fail};
use super::{Fetch, Object, Slots};
use crate::decode::{DecodeError, Decoder, Selection, Table};

/// A record, or a selection on one, in the payload `P`. Found by its type in the payload's table, so that no
/// generated code is needed for it.
pub(crate) trait PayloadRecord<P>: Fetch {
    /// The payload with this field only.
    const RECORD: Selection;

    /// Decodes the record of a payload.
    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError>;
}

/// The selection of a field of the payload `P`.
struct Field<P, T>(P, T);

impl<P: Object, T: Fetch> Field<P, T> {
    const TABLE: &'static Table = &Table {
        name: P::TABLE.name,
        fields: &[field_of_type(P::TABLE, T::TYPE)],
        nested: &[(field_of_type(P::TABLE, T::TYPE), T::SELECTION)],
        source: "",
    };
}

impl<P: Object, T: Fetch> PayloadRecord<P> for T {
    const RECORD: Selection = Selection::Object(Field::<P, T>::TABLE);

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut record = T::OBJECT.slot();
        decoder.object(Field::<P, T>::TABLE, &mut [&mut record])?;
        let (record,) = Slots::take((record,))?;
        Ok(record)
    }
}

/// The only field of an object with this type.
const fn field_of_type(table: &Table, name: &str) -> &'static str {
    let mut found = None;
    let mut index = 0;
    while index < table.nested.len() {
        if let (field, Selection::Object(record)) = table.nested[index]
            && equal(record.name, name)
        {
            if found.is_some() {
                fail("`{}` has several fields of type `{}`: select one", &[table.name, name]);
            }
            found = Some(field);
        }
        index += 1;
    }
    match found {
        Some(field) => field,
        None => fail("`{}` has no record of type `{}`", &[table.name, name]),
    }
}
