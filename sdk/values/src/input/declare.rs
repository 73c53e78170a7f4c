//! The macro that declares input objects.

use super::{InputObject, IntoInput};

impl InputObject {
    /// Adds or replaces the entry of a field that is declared as `name: Type`.
    #[doc(hidden)]
    pub fn set_declared<T, N>(&mut self, declaration: &'static str, value: impl IntoInput<T, N>) {
        self.set(declared_name(declaration), value.into_input());
    }

    /// With the entry of a field that is declared as `name: Type`.
    #[doc(hidden)]
    #[must_use]
    // The function of a program that makes the input would take longer to compile.
    #[inline(never)]
    pub fn with_declared<T, N>(mut self, declaration: &'static str, value: impl IntoInput<T, N>) -> Self {
        self.set_declared(declaration, value);
        self
    }
}

fn declared_name(declaration: &'static str) -> &'static str {
    declaration.split_once(':').map_or(declaration, |(name, _)| name)
}

/// Declares an input object: `new` with what is `required`, and a setter for each field that
/// is `optional`.
///
/// Where null is not allowed although a field has a default, `(NonNull)` stands behind it. The optional
/// arguments of a root field are one as well: `WeatherArguments = arguments "weather"`. An attribute of `new`, such as
/// `#[deprecated]`, stands before this word: `, #[deprecated] new`.
///
/// ```
/// use xurrent_values as rt;
///
/// rt::input! {
///     NoteCreateInput = "NoteCreateInput"
///     required {
///         text: String = "text: String!",
///     }
///     optional {
///         created_at: rt::Timestamp = "createdAt: ISO8601Timestamp",
///     }
/// }
/// let note = NoteCreateInput::new("Done.").created_at(None);
/// assert_eq!(serde_json::to_string(&note)?, r#"{"text":"Done.","createdAt":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! input {
    (
        $(#[$meta:meta])*
        $name:ident = $($kind:ident)? $graphql:literal $(, see $reference:literal)? $(, #[$new_meta:meta] new)?
        $(required {
            $(
                $(#[$required_meta:meta])*
                $required:ident: $required_type:ty = $required_line:literal,
            )*
        })?
        $(optional {
            $(
                $(#[$field_meta:meta])*
                $field:ident: $type:ty = $line:literal $(($nullness:ident))?,
            )*
        })?
    ) => {
        $(#[$meta])*
        #[doc = $crate::__title!($($kind)? "input" $graphql)]
        $(#[doc = ::std::concat!("\n[Reference](", $reference, ")")])?
        #[derive(Clone)]
        #[must_use = "an input does nothing until it is given to a call"]
        pub struct $name($crate::InputObject);
        impl $name {
            /// With the fields that are required.
            $(#[$new_meta])?
            #[inline]
            pub fn new($($($required: impl $crate::IntoInput<$required_type, $crate::NonNull>),*)?) -> Self {
                Self(
                    $crate::InputObject::new()
                        $($(.with_declared($required_line, $required))*)?
                )
            }
            $($(
                $(#[$field_meta])*
                #[doc = "\n`"]
                #[doc = $line]
                #[doc = "`"]
                pub fn $field(self, value: impl $crate::IntoInput<$type $(, $crate::$nullness)?>) -> Self {
                    $crate::Input::with_declared(self, $line, value)
                }
            )*)?
        }
        $crate::__default!($name $($($required)*)?);
        impl $crate::Input for $name {
            #[inline]
            fn table() -> &'static $crate::InputTable {
                &$crate::InputTable {
                    rust: ::std::stringify!($name),
                    name: $graphql,
                    one_of: false,
                    fields: &[
                        $($(($required_line, <$required_type as $crate::InputType>::READ),)*)?
                        $($(($line, <$type as $crate::InputType>::READ),)*)?
                    ],
                }
            }
            #[inline]
            fn from_object(object: $crate::InputObject) -> Self {
                Self(object)
            }
            #[inline]
            fn as_object(&self) -> &$crate::InputObject {
                &self.0
            }
            #[inline]
            fn as_object_mut(&mut self) -> &mut $crate::InputObject {
                &mut self.0
            }
        }
        $crate::__input_impls!($name $($kind)?);
    };
}

/// Declares an input object of which exactly one field is given, and not null (`@oneOf`): a function for each
/// field makes it, like the variants of an enum. It stores what is sent, as every input does.
///
/// ```
/// use xurrent_values as rt;
///
/// rt::one_of! {
///     By = "By" {
///         id: rt::scalar::Id = "id: ID",
///         name: String = "name: String",
///     }
/// }
/// assert_eq!(serde_json::to_string(&By::name("Howard"))?, r#"{"name":"Howard"}"#);
/// let error = serde_json::from_str::<By>(r#"{"id": "1", "name": "Howard"}"#).map(|_| ());
/// assert!(error.is_err_and(|error| error.to_string().contains("exactly one field")));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! one_of {
    (
        $(#[$meta:meta])*
        $name:ident = $graphql:literal $(, see $reference:literal)? {
            $($(#[$field_meta:meta])* $field:ident: $type:ty = $line:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[doc = $crate::__title!("input" $graphql)]
        #[doc = "\nExactly one of its fields is sent: the one whose function makes the value."]
        $(#[doc = ::std::concat!("\n[Reference](", $reference, ")")])?
        #[derive(Clone)]
        #[must_use = "an input does nothing until it is given to a call"]
        pub struct $name($crate::InputObject);
        impl $name {
            $(
                $(#[$field_meta])*
                #[doc = "\n`"]
                #[doc = $line]
                #[doc = "`"]
                pub fn $field(value: impl $crate::IntoInput<$type, $crate::NonNull>) -> Self {
                    Self($crate::InputObject::new().with_declared($line, value))
                }
            )*
        }
        impl $crate::Input for $name {
            #[inline]
            fn table() -> &'static $crate::InputTable {
                &$crate::InputTable {
                    rust: ::std::stringify!($name),
                    name: $graphql,
                    one_of: true,
                    fields: &[
                        $(($line, <$type as $crate::InputType>::READ)),*
                    ],
                }
            }
            #[inline]
            fn from_object(object: $crate::InputObject) -> Self {
                Self(object)
            }
            #[inline]
            fn as_object(&self) -> &$crate::InputObject {
                &self.0
            }
            #[inline]
            fn as_object_mut(&mut self) -> &mut $crate::InputObject {
                &mut self.0
            }
        }
        $crate::__input_impls!($name);
    };
}

/// What all input objects implement.
#[doc(hidden)]
#[macro_export]
macro_rules! __input_impls {
    ($name:ident $($kind:ident)?) => {
        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&self.0, f)
            }
        }
        impl $crate::InputType for $name {
            type Kind = $crate::__input_kind!($($kind)?);
        }
        impl $crate::serde::Serialize for $name {
            #[inline]
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                $crate::serde::Serialize::serialize(&self.0, serializer)
            }
        }
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::input::deserialize(deserializer)
            }
        }
    };
}

/// The kind of an input object.
#[doc(hidden)]
#[macro_export]
macro_rules! __input_kind {
    () => {
        $crate::input::ObjectKind
    };
    ($kind:ident) => {
        $crate::input::ArgumentsKind
    };
}

/// `Default` for an input object of which nothing is required.
#[doc(hidden)]
#[macro_export]
macro_rules! __default {
    ($name:ident) => {
        impl ::std::default::Default for $name {
            #[inline]
            fn default() -> Self {
                Self::new()
            }
        }
    };
    ($name:ident $($required:ident)+) => {};
}
