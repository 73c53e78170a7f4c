//! Enums.

/// Declares an enum that keeps values which the schema does not have.
///
/// ```
/// use xurrent_runtime as rt;
///
/// rt::open_enum! {
///     /// How loud.
///     pub enum Volume = "Volume" {
///         High = "high",
///         Low = "low",
///     }
/// }
/// assert_eq!(Volume::from("low"), Volume::Low);
/// assert_eq!(Volume::from("none").to_string(), "none");
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident = $graphql:literal $(, see $reference:literal)? {
            $($(#[$value_meta:meta])* $variant:ident = $value:literal,)*
        }
    ) => {
        $crate::open_enum! { @documented
            $(#[$meta])*
            #[doc = ::std::concat!("\nGraphQL `enum ", $graphql, "`." $(, "\n\n[Reference](", $reference, ")")?)]
            $name = $graphql { $($(#[$value_meta])* $variant = $value,)* }
        }
    };
    (@documented
        $(#[$meta:meta])*
        $name:ident = $graphql:literal {
            $($(#[$value_meta:meta])* $variant:ident = $value:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$value_meta])* #[doc = ::std::concat!("\n`", $value, "`")] $variant,)*
            /// A value that the schema did not have when this crate was generated.
            Unrecognized(::std::string::String),
        }
        // The implementation must name deprecated values; nothing else is allowed by this.
        #[allow(deprecated)]
        impl $crate::OpenEnum for $name {
            const NAME: &'static str = $graphql;
            const VALUES: &'static [&'static str] = &[$($value),*];
            const VARIANTS: &'static [Self] = &[$(Self::$variant),*];
            #[inline]
            fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)*
                    Self::Unrecognized(text) => text,
                }
            }
            #[inline]
            fn unrecognized(text: ::std::string::String) -> Self {
                Self::Unrecognized(text)
            }
        }
        impl $crate::input::Declared for $name {
            const KIND: $crate::input::Kind = $crate::input::Kind::Enum;
        }
        $crate::enum_impls!($name);
    };
}
