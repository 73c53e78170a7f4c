//! A record with its version.

use crate::keyed::Keyed;
use xurrent_runtime::jiff;
use xurrent_runtime::{
    DecodeError, Decoder, Fetch, Field, Id, NodeLookup, Select, Selection, Table, Timestamp,
};

/// A record that changed, as `T` selects it.
///
/// Two versions of a record differ in `updated_at`: a copy that stores it with the record can ignore an older version
/// that arrives late.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change<T> {
    /// The id of the record.
    pub id: Id,
    /// When the server changed the record last.
    pub updated_at: jiff::Timestamp,
    /// The record.
    pub record: T,
}

/// Keys that no selection has, so that `T` can select the same fields.
static KEYS: Table = Table {
    name: "Record",
    fields: &["sdk_change_id", "sdk_changed_at"],
    nested: &[
        ("sdk_change_id", Selection::Field { field: "id", selection: &Selection::Leaf }),
        ("sdk_changed_at", Selection::Field { field: "updatedAt", selection: &Selection::Leaf }),
    ],
    source: "",
};

/// The id and the version of a record.
struct Version {
    id: Id,
    updated_at: jiff::Timestamp,
}

#[diagnostic::do_not_recommend]
impl<On> Select<On> for Version {
    const SELECTION: Selection = Selection::Object(&KEYS);

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let (mut id, mut updated_at) = (Id::placeholder(), Timestamp::placeholder());
        decoder.object(&KEYS, &mut [&mut id, &mut updated_at])?;
        let instant = updated_at.instant();
        let updated_at =
            instant.ok_or_else(|| DecodeError::invalid("point in time", &updated_at.to_string()))?;
        Ok(Self { id, updated_at })
    }
}

#[diagnostic::do_not_recommend]
impl<On, T: Select<On>> Select<On> for Change<T> {
    const NODES: u64 = T::NODES;
    const CONNECTIONS: u64 = T::CONNECTIONS;
    const SELECTION: Selection = Keyed::<On, Version, T>::SELECTION;
    const WRAPPERS: u32 = T::WRAPPERS;
    const FITS: bool = T::FITS;

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let (Version { id, updated_at }, record) = Keyed::<On, _, _>::read(decoder)?;
        Ok(Self { id, updated_at, record })
    }
}

/// `client.node::<Change<Person>>(&id)` is one record with its version.
#[diagnostic::do_not_recommend]
impl<T: Fetch> Fetch for Change<T> {
    type Record = T::Record;
    const TYPE: &'static str = T::TYPE;
    const LOOKUP: &'static NodeLookup = T::LOOKUP;
}
