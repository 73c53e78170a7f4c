//! Output types: interfaces and unions.

/// Declares an interface or a union: an alias, and an enum of its concrete types.
///
/// Its fields are there for `#[derive(Select)]` alone. `nodes` says whether `none`, `some` or `any` of what
/// `node(id: ID!): Node` returns can be among its types; another query in its place stands in parentheses.
#[macro_export]
macro_rules! interface {
    (
        $(#[$meta:meta])*
        $kind:ident $name:ident = $graphql:literal $(, see $reference:literal)? {
            $(
                $(#[deprecated(note = $reason:literal)])?
                $field:ident: $type:ty = $wire:literal: $graphql_type:literal $(($($arguments:tt)*))? $({ $inner:tt })?,
            )*
        }
        types $typename:ident {
            $($(#[deprecated(note = $gone:literal)])? $variant:ident $(as $possible:ident)? = $value:literal,)*
        }
        nodes $nodes:ident $(($lookup:path))?
        $(macro $d:tt $select:ident)?
    ) => {
        $(#[$meta])*
        #[doc = ::std::concat!("\nGraphQL `", ::std::stringify!($kind), " ", $graphql, "`.")]
        #[doc = $crate::__fetched!($nodes)]
        $(#[doc = ::std::concat!("\n[Reference](", $reference, ")")])?
        pub type $name = $crate::Interface<$typename>;
        $crate::open_enum! { $typename = typename $graphql { $($(#[deprecated(note = $gone)])? $variant = $value,)* } }
        impl $crate::Abstract for $typename {
            const NODE: ::std::option::Option<&'static $crate::NodeLookup> = $crate::__has_nodes!($nodes $($lookup)?);
        }
        $crate::__select_macro! {
            ($($d $select)?)
            $nodes $name $graphql [$($(#[deprecated(note = $gone)])? $variant $(as $possible)? = $value,)*]
            $($(#[deprecated(note = $reason)])? $field: $type = $wire: $graphql_type $(($($arguments)*))? $({ $inner })?,)*
        }
    };
}

/// How an interface or a union is fetched by default, for its documentation.
#[doc(hidden)]
#[macro_export]
macro_rules! __fetched {
    (none) => {
        "\nFetched as the name of its type."
    };
    ($nodes:ident) => {
        "\nFetched as the name of its type and its id."
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __has_nodes {
    (none) => {
        ::std::option::Option::None
    };
    ($nodes:ident) => {
        ::std::option::Option::Some($crate::NodeLookup::NODE)
    };
    ($nodes:ident $lookup:path) => {
        ::std::option::Option::Some($lookup)
    };
}
