//! Selections of references and interfaces.

use super::flatten::common_name;
use super::{Abstract, Object, Select};
use crate::decode::{DecodeError, Decoder, Selection, read_field};
use crate::reference::{Interface, Ref};

#[diagnostic::do_not_recommend]
impl<K: Abstract> Select<Interface<K>> for Interface<K> {
    const NODES: u64 = 1;
    const CONNECTIONS: u64 = 0;
    const SELECTION: Selection = Selection::Interface { node: K::NODE };

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        read_field(decoder)
    }
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
