//! Generated output types.

use super::Select;
use super::flatten::common_name;
use crate::decode::{DecodeError, Decoder, Field, Selection, Table, read_field};
use crate::reference::Ref;

/// An object with a [`Table`]: every generated output type.
pub trait Object: Field + Send + 'static {
    /// The names of this type.
    const TABLE: &'static Table;
}

#[diagnostic::do_not_recommend]
impl<T: Object> Select<T> for Ref<T> {
    const NODES: u64 = 1;
    const CONNECTIONS: u64 = 0;
    const SELECTION: Selection = Selection::Reference;
    const FITS: bool = common_name(T::TABLE.fields, &["id"]).is_some();

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        read_field(decoder)
    }
}
