//! References: records that are known by id but not fetched.

use crate::decode::{Decoded, Decoder, Field, Table};
use crate::encode::{Encode, Sink};
use crate::input::{InputType, InputValue, IntoInput};
use crate::open_enum::OpenEnum;
use crate::scalar::Id;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// The id of a record of type `T`. `client.get(&reference)` fetches the record, in one request.
pub struct Ref<T> {
    id: Id,
    target: PhantomData<fn() -> T>,
}

static REFERENCE: Table = Table { name: "reference", fields: &["id"], nested: &[] };

impl<T> Ref<T> {
    /// A reference to the record with this id.
    pub fn new(id: impl Into<Id>) -> Self {
        Self { id: id.into(), target: PhantomData }
    }

    /// The id of the record.
    #[must_use]
    pub fn id(&self) -> &Id {
        &self.id
    }
}

impl<T> Clone for Ref<T> {
    fn clone(&self) -> Self {
        Self::new(self.id.clone())
    }
}

impl<T> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<T> Eq for Ref<T> {}

impl<T> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ref({})", self.id)
    }
}

impl<T> From<&Ref<T>> for Id {
    fn from(reference: &Ref<T>) -> Self {
        reference.id.clone()
    }
}

impl<T> Field for Ref<T> {
    fn placeholder() -> Self {
        Self { id: Id::placeholder(), target: PhantomData }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.object(&REFERENCE, &mut [&mut self.id])
    }
}

impl<T> Encode for Ref<T> {
    fn encode(&self, sink: &mut dyn Sink) {
        sink.object(&REFERENCE, &[&self.id]);
    }
}

impl<T> Serialize for Ref<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::encode::serialize(self, serializer)
    }
}

impl<'de, T> Deserialize<'de> for Ref<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::serde_impls::output(deserializer)
    }
}

impl<T, N> IntoInput<Id, N> for &Ref<T> {
    fn into_input(self) -> InputValue {
        self.id().clone().into_value()
    }
}

/// An object of an interface or union type: the name of its concrete type, and its id if it has one. `K` is
/// the generated enum of the concrete types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface<K> {
    /// The concrete type of the object.
    pub typename: K,
    /// The id, when the concrete type is a record.
    pub id: Option<Id>,
}

/// An interface or a union of the schema, by the enum of its concrete types.
pub trait Abstract: OpenEnum + Field {
    /// Whether `... on Node { id }` is valid on it.
    const NODE: bool;
}

impl<K: Abstract> Interface<K> {
    /// Whether its types have ids, for the derive of selections.
    #[doc(hidden)]
    pub const IS_NODE: bool = K::NODE;
}

impl<K: OpenEnum + Field> Field for Interface<K> {
    fn placeholder() -> Self {
        Self { typename: K::placeholder(), id: None }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        let mut typename = None;
        let id = &mut self.id;
        *id = None;
        // Only records have an id, so it may be absent.
        decoder.entries(K::NAME, &mut |decoder, key| match key {
            "__typename" => decoder.once(&mut typename),
            "id" => decoder.once(id),
            _ => decoder.skip(),
        })?;
        self.typename = typename.ok_or_else(|| {
            crate::decode::DecodeError::new(crate::decode::DecodeErrorKind::Missing)
                .at_key(K::NAME, "__typename")
        })?;
        Ok(())
    }
}

impl<K: OpenEnum + Encode> Encode for Interface<K> {
    fn encode(&self, sink: &mut dyn Sink) {
        static WITH_ID: Table = Table { name: "Interface", fields: &["__typename", "id"], nested: &[] };
        static WITHOUT_ID: Table = Table { name: "Interface", fields: &["__typename"], nested: &[] };
        match &self.id {
            Some(id) => sink.object(&WITH_ID, &[&self.typename, id]),
            None => sink.object(&WITHOUT_ID, &[&self.typename]),
        }
    }
}

impl<K: OpenEnum + Encode> Serialize for Interface<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::encode::serialize(self, serializer)
    }
}

impl<'de, K: OpenEnum + Field> Deserialize<'de> for Interface<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::serde_impls::output(deserializer)
    }
}
