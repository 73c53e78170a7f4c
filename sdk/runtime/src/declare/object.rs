//! Output types: objects.

/// Declares an output type: a struct of the fields that are fetched by default.
///
/// The kind is `node` for a record that `node(id: ID!): Node` returns, with another query in its place in
/// parentheses, `payload` for what a mutation returns with errors of its own, or `object`. Behind a reference stands
/// the field with the id, `{ id }`, behind an object, an interface or a
/// union that is fetched in whole `{ .. }`, behind a field with arguments these in parentheses. Fields that are not fetched by
/// default follow in `connections`, `also` and `deprecated`, with the type that a selection of them has; of those in
/// `deprecated`, `#[deprecated(note = "..")]` has the reason, of which a selection warns. At the end stands the macro that hands the declaration to `#[derive(Select)]`.
#[macro_export]
macro_rules! object {
    (
        $(#[$meta:meta])*
        $kind:ident $(($lookup:path))? $name:ident = $graphql:literal $(, see $reference:literal)? $(, id $id:ty)? {
            $(
                $(#[$field_meta:meta])*
                $field:ident: $type:ty = $wire:literal: $graphql_type:literal $(($($arguments:tt)*))? $({ $inner:tt })?,
            )*
        }
        $(connections {
            $($many:ident: $many_type:ty = $many_wire:literal: $many_graphql:literal $(($($many_arguments:tt)*))?,)*
        })?
        $(also {
            $($also:ident: $also_type:ty = $also_wire:literal: $also_graphql:literal $(($($also_arguments:tt)*))? $({ $also_inner:tt })?,)*
        })?
        $(deprecated {
            $(
                $(#[deprecated(note = $reason:literal)])?
                $old:ident: $old_type:ty = $old_wire:literal: $old_graphql:literal $(($($old_arguments:tt)*))? $({ $old_inner:tt })?,
            )*
        })?
        $(macro $d:tt $select:ident)?
    ) => {
        $(#[$meta])*
        #[doc = ::std::concat!("\nGraphQL `type ", $graphql, "`.", $crate::__note!($kind))]
        $(#[doc = ::std::concat!(
            "\nConnections, not fetched by default:\n" $(, "\n- `", $many_wire, ": ", $many_graphql, "`")*
        )])?
        $(#[doc = ::std::concat!("\nAlso, not fetched by default:\n" $(, "\n- `", $also_wire, ": ", $also_graphql, "`")*)])?
        $(#[doc = ::std::concat!(
            "\nDeprecated, not fetched by default:\n" $(, "\n- `", $old_wire, ": ", $old_graphql, "`" $(, ": ", $reason)?)*
        )])?
        $(#[doc = ::std::concat!("\n[Reference](", $reference, ")")])?
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[doc = "\n`"]
                #[doc = $wire]
                #[doc = "`: `"]
                #[doc = $graphql_type]
                #[doc = "`"]
                pub $field: $type,
            )*
        }
        impl ::std::clone::Clone for $name {
            #[inline]
            fn clone(&self) -> Self {
                Self { $($field: $crate::declare::clone(&self.$field),)* }
            }
        }
        impl $crate::Field for $name {
            #[inline]
            fn placeholder() -> Self {
                Self { $($field: $crate::Field::placeholder(),)* }
            }
            #[inline]
            fn decode(&mut self, decoder: &mut $crate::Decoder<'_>) -> $crate::Decoded {
                decoder.object(<Self as $crate::Object>::TABLE, &mut [$(&mut self.$field),*])
            }
        }
        impl $crate::Encode for $name {
            #[inline]
            fn encode(&self, sink: &mut $crate::Sink<'_>) {
                sink($crate::encode::Encoded::Object(<Self as $crate::Object>::TABLE, &[$(&self.$field),*]));
            }
        }
        impl $crate::Object for $name {
            const TABLE: &'static $crate::Table = &$crate::Table {
                name: $graphql,
                fields: &[$($wire),*],
                nested: &[$($(($wire, $crate::__selection!($inner $type)),)?)*],
                source: ::std::concat!(
                    ::std::stringify!($name),
                    $("\n", ::std::stringify!($field), " ", $graphql_type),*
                ),
            };
            $(const ID: &'static str = $lookup.id;)?
            $(const ID_TYPE: $crate::select::IdType = $crate::select::IdType::of::<$id>();)?
        }
        $crate::__fetch!($kind $(($lookup))? $name $graphql);
        $crate::object_impls!($name);
        $crate::__select_macro! {
            ($($d $select)?)
            $kind $name $graphql []
            $($field: $type = $wire: $graphql_type $(($($arguments)*))? $({ $inner })?,)*
            $($($many: $many_type = $many_wire: $many_graphql $(($($many_arguments)*))?,)*)?
            $($($also: $also_type = $also_wire: $also_graphql $(($($also_arguments)*))? $({ $also_inner })?,)*)?
            $($($(#[deprecated(note = $reason)])? $old: $old_type = $old_wire: $old_graphql $(($($old_arguments)*))? $({ $old_inner })?,)*)?
        }
    };
}

/// Defines the macro that hands the declaration of a type to `#[derive(Select)]`.
#[doc(hidden)]
#[macro_export]
macro_rules! __select_macro {
    (() $($declaration:tt)*) => {};
    (
        ($d:tt $select:ident) $kind:ident $name:ident $graphql:literal $possible:tt
        $(
            $(#[deprecated(note = $reason:literal)])?
            $field:ident: $type:ty = $wire:literal: $graphql_type:literal $(($($arguments:tt)*))? $({ $inner:tt })?,
        )*
    ) => {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! $select {
            ($d sdk:tt $d($d selection:tt)*) => {
                $d sdk::select::select_fields! {
                    $d sdk {
                        $kind $name $graphql $possible
                        // The derive reads only the fields that are selected.
                        [$($field $wire)*]
                        $({
                            $(#[deprecated(note = $reason)])?
                            $field: $type = $wire: $graphql_type $(($($arguments)*))? $({ $inner })?
                        })*
                    }
                    $d($d selection)*
                }
            };
        }
    };
}

/// What stands in the documentation of an object of a kind.
#[doc(hidden)]
#[macro_export]
macro_rules! __note {
    (payload) => {
        "\n\nThe payload's errors are not a field: a payload with errors is an `Error`."
    };
    ($kind:ident) => {
        ""
    };
}

/// What an object of a kind implements.
#[doc(hidden)]
#[macro_export]
macro_rules! __fetch {
    (node $(($lookup:path))? $name:ident $graphql:literal) => {
        #[diagnostic::do_not_recommend]
        impl $crate::Fetch for $name {
            type Record = Self;
            const TYPE: &'static str = $graphql;
            $(const LOOKUP: &'static $crate::NodeLookup = $lookup;)?
        }
    };
    ($kind:ident $name:ident $graphql:literal) => {};
}

/// The selection inside a field: the name of the id for a reference, `..` for an object fetched in whole.
#[doc(hidden)]
#[macro_export]
macro_rules! __selection {
    () => {
        $crate::Selection::Leaf
    };
    (id $type:ty) => {
        $crate::Selection::Reference
    };
    ($id:ident $type:ty) => {
        $crate::Selection::Object(&$crate::Table {
            name: "reference",
            fields: &["id"],
            nested: &[(
                "id",
                $crate::Selection::Field {
                    field: ::std::stringify!($id),
                    selection: &$crate::Selection::Leaf,
                },
            )],
            source: "",
        })
    };
    ($inner:tt $type:ty) => {
        <$type as $crate::declare::Selected>::SELECTION
    };
}

/// Declares the fields of a root type for `#[derive(Select)]`. The functions of the client are declared by
/// [`calls!`](crate::calls).
#[macro_export]
macro_rules! root {
    ($kind:ident $name:ident = $graphql:literal { $($fields:tt)* } $(macro $d:tt $select:ident)?) => {
        $crate::__select_macro! { ($($d $select)?) $kind $name $graphql [] $($fields)* }
    };
}
