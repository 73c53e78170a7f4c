//! Enums.

/// Declares an enum that keeps values which the schema does not have.
///
/// ```
/// use xurrent_values as rt;
///
/// rt::open_enum! {
///     /// How loud.
///     Volume = "Volume" {
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
        $name:ident = $($kind:ident)? $graphql:literal $(, see $reference:literal)? {
            $($(#[$value_meta:meta])* $variant:ident = $value:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[doc = $crate::__enum_title!($($kind)? $graphql)]
        $(#[doc = ::std::concat!("\n[Reference](", $reference, ")")])?
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
        $crate::enum_impls!($name);
    };
}

/// The title of an enum of the schema, or of the concrete types of an interface.
#[doc(hidden)]
#[macro_export]
macro_rules! __enum_title {
    ($graphql:literal) => {
        ::std::concat!("\nGraphQL `enum ", $graphql, "`.")
    };
    (typename $graphql:literal) => {
        ::std::concat!("`__typename of ", $graphql, "`")
    };
}
