//! A record with its `createdAt`.

use crate::keyed::Keyed;
use xurrent_runtime::jiff;
use xurrent_runtime::{DecodeError, Decoder, Select, Selection, Table, Timestamp};

/// A key that no selection has, so that a selection can have the same field.
static KEY: Table = Table {
    name: "Record",
    fields: &["sdk_created_at"],
    nested: &[("sdk_created_at", Selection::Field { field: "createdAt", selection: &Selection::Leaf })],
    source: "",
};

/// When a record was created.
pub(super) struct CreatedAt(pub(super) Option<jiff::Timestamp>);

#[diagnostic::do_not_recommend]
impl<On> Select<On> for CreatedAt {
    const SELECTION: Selection = Selection::Object(&KEY);

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut created_at: Option<Timestamp> = None;
        decoder.object(&KEY, &mut [&mut created_at])?;
        Ok(Self(created_at.and_then(Timestamp::instant)))
    }
}

/// A record, as `T` selects it, and when it was created.
pub(super) struct Created<T> {
    pub(super) at: Option<jiff::Timestamp>,
    pub(super) record: T,
}

#[diagnostic::do_not_recommend]
impl<On, T: Select<On>> Select<On> for Created<T> {
    const NODES: u64 = T::NODES;
    const CONNECTIONS: u64 = T::CONNECTIONS;
    const SELECTION: Selection = Keyed::<On, CreatedAt, T>::SELECTION;
    const WRAPPERS: u32 = T::WRAPPERS;
    const FITS: bool = T::FITS;

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let (CreatedAt(at), record) = Keyed::<On, _, _>::read(decoder)?;
        Ok(Self { at, record })
    }
}
