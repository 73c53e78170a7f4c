//! Input objects.

/// Declares an input object: `new` with what is `required`, and a setter for each other field.
///
/// Where null is not allowed although a field has a default, `(NonNull)` stands behind it.
#[macro_export]
macro_rules! input {
    (
        $(#[$meta:meta])*
        $name:ident = $graphql:literal $(, see $reference:literal)? {
            required {
                $($(#[$required_meta:meta])* $required:ident: $required_type:ty = $required_line:literal,)+
            }
            $($fields:tt)*
        }
    ) => {
        $crate::input! { @documented
            $(#[$meta])*
            #[doc = ::std::concat!("\nGraphQL `input ", $graphql, "`.")]
            $(#[doc = ::std::concat!("\n[Reference](", $reference, ")")])?
            $name = $graphql
            { $($required: $required_type = $required_line,)+ }
            { $($fields)* }
        }
    };
    (
        $(#[$meta:meta])*
        $name:ident = $graphql:literal $(, see $reference:literal)? { $($fields:tt)* }
    ) => {
        $crate::input! { @documented
            $(#[$meta])*
            #[doc = ::std::concat!("\nGraphQL `input ", $graphql, "`.")]
            $(#[doc = ::std::concat!("\n[Reference](", $reference, ")")])?
            $name = $graphql {} { $($fields)* }
        }
        impl ::std::default::Default for $name {
            #[inline]
            fn default() -> Self {
                Self::new()
            }
        }
    };
    (
        $(#[$meta:meta])*
        arguments $name:ident of $root:literal { $($fields:tt)* }
    ) => {
        $crate::input! { @documented
            $(#[$meta])*
            #[doc = ::std::concat!("`optional arguments of ", $root, "`")]
            $name = $root {} { $($fields)* }
        }
        impl ::std::default::Default for $name {
            #[inline]
            fn default() -> Self {
                Self::new()
            }
        }
    };
    (
        @documented
        $(#[$meta:meta])*
        $name:ident = $graphql:literal
        { $($required:ident: $required_type:ty = $required_line:literal,)* }
        {
            $(
                $(#[$field_meta:meta])*
                $field:ident: $type:ty = $line:literal $(($nullness:ident))?,
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone)]
        #[must_use = "an input does nothing until it is given to a call"]
        pub struct $name($crate::InputObject);
        impl $name {
            /// With the fields that are required.
            #[inline]
            pub fn new($($required: impl $crate::IntoInput<$required_type, $crate::NonNull>),*) -> Self {
                Self(
                    $crate::InputObject::new()
                        $(.with_declared($required_line, $crate::IntoInput::into_input($required)))*
                )
            }
            $(
                $(#[$field_meta])*
                #[doc = ::std::concat!("\n`", $line, "`")]
                pub fn $field(self, value: impl $crate::IntoInput<$type $(, $crate::$nullness)?>) -> Self {
                    Self(self.0.with_declared($line, value.into_input()))
                }
            )*
        }
        impl $crate::Input for $name {
            #[inline]
            fn table() -> &'static $crate::InputTable {
                &$crate::InputTable {
                    name: $graphql,
                    fields: &[
                        $(($required_line, <$required_type as $crate::input::Declared>::KIND),)*
                        $(($line, <$type as $crate::input::Declared>::KIND),)*
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
        }
        impl $crate::input::Declared for $name {
            const KIND: $crate::input::Kind = $crate::input::Kind::Object(<Self as $crate::Input>::table);
        }
        $crate::input_impls!($name);
    };
}
