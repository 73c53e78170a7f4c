//! References: records that are known by id but not fetched.

use crate::decode::{DecodeError, DecodeErrorKind, Decoded, Decoder, Field, NodeLookup, Table};
use crate::encode::{Encode, Encoded, Sink};
use crate::input::{Filter, InputScalar, InputType, InputValue, IntoInput};
use crate::open_enum::OpenEnum;
use crate::scalar::Id;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// The id of a record of type `T`: an [`Id`], unless the schema declares another type. `client.get(&reference)`
/// fetches the record in one request, if the schema has a query of records by their ids.
pub struct Ref<T, I = Id>(I, PhantomData<fn() -> T>);

static REFERENCE: Table = Table { name: "reference", fields: &["id"], nested: &[], source: "" };

impl<T> Ref<T> {
    /// A reference to the record with this id.
    pub fn new(id: impl Into<Id>) -> Self {
        Self(id.into(), PhantomData)
    }
}

impl<T, I> Ref<T, I> {
    /// A reference to the record with this id, of the type that the schema declares.
    pub const fn of(id: I) -> Self {
        Self(id, PhantomData)
    }

    /// The id of the record.
    #[must_use]
    pub fn id(&self) -> &I {
        &self.0
    }
}

impl<T, I: Clone> Clone for Ref<T, I> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T, I: PartialEq> PartialEq for Ref<T, I> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T, I: Eq> Eq for Ref<T, I> {}

impl<T, I: Encode> fmt::Debug for Ref<T, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ref({:?})", &self.0 as &dyn Encode)
    }
}

impl<T> From<&Ref<T>> for Id {
    fn from(reference: &Ref<T>) -> Self {
        reference.0.clone()
    }
}

impl<T, I: Field> Field for Ref<T, I> {
    fn placeholder() -> Self {
        Self(I::placeholder(), PhantomData)
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.object(&REFERENCE, &mut [&mut self.0])
    }
}

impl<T, I: Encode> Encode for Ref<T, I> {
    fn encode(&self, sink: &mut Sink<'_>) {
        sink(Encoded::Object(&REFERENCE, &[&self.0]));
    }
}

impl<T, I: Encode> Serialize for Ref<T, I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self as &dyn Encode).serialize(serializer)
    }
}

impl<'de, T, I: Field> Deserialize<'de> for Ref<T, I> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::decode::deserialize(deserializer)
    }
}

impl<T, I: InputScalar, N> IntoInput<I, N> for &Ref<T, I> {
    fn into_input(self) -> InputValue {
        self.id().clone().into_value()
    }
}

impl<T, I: InputScalar, N> IntoInput<Filter<I>, N> for &Ref<T, I> {
    fn into_input(self) -> InputValue {
        Filter::<I>::any_of([self]).into_value()
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
    /// The query of records by their ids, if it returns some of the types: `... on Node { id }` is valid on it.
    const NODE: Option<&'static NodeLookup>;
}

impl<K: Abstract> Interface<K> {
    /// The query of its types by their ids, for the derive of selections.
    #[doc(hidden)]
    pub const NODE: Option<&'static NodeLookup> = K::NODE;
}

impl<K: OpenEnum + Field> Field for Interface<K> {
    fn placeholder() -> Self {
        Self { typename: K::placeholder(), id: None }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        let (mut typename, mut id) = (None, None);
        decoder.entries(K::NAME, &mut |decoder, key| match key {
            "__typename" => decoder.once(&mut typename),
            "id" => decoder.once(&mut id),
            _ => decoder.skip(),
        })?;
        let missing = || DecodeError::new(DecodeErrorKind::Missing).at_key(K::NAME, "__typename");
        *self = Self { typename: typename.ok_or_else(missing)?, id };
        Ok(())
    }
}

impl<K: OpenEnum + Encode> Encode for Interface<K> {
    fn encode(&self, sink: &mut Sink<'_>) {
        static TABLE: Table =
            Table { name: "Interface", fields: &["__typename", "id"], nested: &[], source: "" };
        match &self.id {
            Some(id) => sink(Encoded::Object(&TABLE, &[&self.typename, id])),
            None => sink(Encoded::Object(&TABLE, &[&self.typename])),
        }
    }
}

impl<K: OpenEnum + Encode> Serialize for Interface<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self as &dyn Encode).serialize(serializer)
    }
}

impl<'de, K: OpenEnum + Field> Deserialize<'de> for Interface<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::decode::deserialize(deserializer)
    }
}
