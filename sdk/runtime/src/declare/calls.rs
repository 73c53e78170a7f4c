//! Root fields: the functions of the client.

/// Declares the functions of the client for root fields of one record.
///
/// A root field is declared as in the schema, with a Rust name in front and its Rust type behind `->`. Before
/// an argument that is required stands the parameter that sets it. `example` has the parameters and the
/// arguments of the example in the documentation.
#[macro_export]
macro_rules! calls {
    (
        impl $client:ty {
            $(connections {
                $(
                    $(#[$many_meta:meta])*
                    $many:ident = $many_wire:literal $(($($many_arguments:tt)*))?
                    : $many_type:literal -> $marker:ident of $node:ty
                    $(, filter $filter:ty)? $(, view $view:ty)? $(, order $order:ty)?
                    $(, arguments $many_more:ident)?
                    $(, example $many_example:literal $many_values:literal)?
                    $(, see $many_reference:literal)?;
                )*
            })?
            $(queries {
                $(
                    $(#[$query_meta:meta])*
                    $query:ident = $query_wire:literal $(($($query_arguments:tt)*))?
                    : $query_type:literal -> $query_output:ty $({ $query_inner:tt })?
                    $(, arguments $query_more:ident)?
                    $(, example $query_example:literal $query_values:literal)?
                    $(, see $query_reference:literal)?;
                )*
            })?
            $(mutations {
                $(
                    $(#[$change_meta:meta])*
                    $change:ident = $change_wire:literal $(($($change_arguments:tt)*))?
                    : $change_type:literal -> $change_output:ty $({ $change_inner:tt })?
                    $(, arguments $change_more:ident)?
                    $(, example $change_example:literal $change_values:literal)?
                    $(, see $change_reference:literal)?;
                )*
            })?
        }
    ) => {
        /// The root fields, by the names of their functions. Constants of a type are evaluated where they are
        /// used, those of a module in every build.
        pub(super) struct __RootFields;
        #[allow(non_upper_case_globals)]
        impl __RootFields {
            $($(pub(crate) const $many: &$crate::RootField = &$crate::RootField {
                operation: $crate::OperationType::Query,
                name: $many_wire,
                arguments: $crate::__arguments!($($($many_arguments)*)?),
                connection: true,
                selection: <$node as $crate::declare::Selected>::SELECTION,
            };)*)?
            $($(pub(crate) const $query: &$crate::RootField = &$crate::RootField {
                operation: $crate::OperationType::Query,
                name: $query_wire,
                arguments: $crate::__arguments!($($($query_arguments)*)?),
                connection: false,
                selection: $crate::__selection!($($query_inner $query_output)?),
            };)*)?
            $($(pub(crate) const $change: &$crate::RootField = &$crate::RootField {
                operation: $crate::OperationType::Mutation,
                name: $change_wire,
                arguments: $crate::__arguments!($($($change_arguments)*)?),
                connection: false,
                selection: $crate::__returned!($($change_inner $change_output)?),
            };)*)?

            /// All of them.
            pub(crate) const ALL: &[&$crate::RootField] =
                &[$($(Self::$many,)*)? $($(Self::$query,)*)? $($(Self::$change,)*)?];
        }
        impl $client {
            $($($crate::__call! {
                $(#[$many_meta])*
                $many = "query " $many_wire ($($($many_arguments)*)?): $many_type
                -> $crate::ConnectionQuery<$marker>, ConnectionQuery();
                "Costs one request per page.",
                "let mut records = " ".stream();\nwhile let Some(record) = records.try_next().await? {\n    println!(\"{record:?}\");\n}"
                $(, arguments $many_more)? $(, example $many_example $many_values)? $(, see $many_reference)?
            })*)?
            $($($crate::__call! {
                $(#[$query_meta])*
                $query = "query " $query_wire ($($($query_arguments)*)?): $query_type
                -> $crate::Query<$query_output>, Query(__RootFields::$query);
                "Costs one request.",
                "let found = " ".await?;\nprintln!(\"{found:?}\");"
                $(, arguments $query_more)? $(, example $query_example $query_values)? $(, see $query_reference)?
            })*)?
            $($($crate::__call! {
                $(#[$change_meta])*
                $change = "mutation " $change_wire ($($($change_arguments)*)?): $change_type
                -> $crate::Mutation<$change_output>, Mutation(__RootFields::$change);
                "Costs one request, which is never executed twice.",
                "let payload = " ".await?;\nprintln!(\"{payload:?}\");"
                $(, arguments $change_more)? $(, example $change_example $change_values)? $(, see $change_reference)?
            })*)?
        }
        $($(
            #[doc = ::std::concat!("The root connection `", $many_wire, "`.")]
            #[derive(Clone, Copy, Debug)]
            pub enum $marker {}
            impl $crate::ConnectionField for $marker {
                type Node = $node;
                const ROOT: &'static $crate::RootField = __RootFields::$many;
            }
            $(impl $crate::Filtered for $marker {
                type Filter = $filter;
            })?
            $(impl $crate::Viewed for $marker {
                type View = $view;
            })?
            $(impl $crate::Ordered for $marker {
                type Order = $order;
            })?
        )*)?
    };
}

/// The names and types of arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __arguments {
    ($($($param:ident: $param_type:ty =)? $name:literal: $type:literal $(= $default:literal)?),* $(,)?) => {
        &[$(($name, $type)),*]
    };
}

/// A function of the client.
#[doc(hidden)]
#[macro_export]
macro_rules! __call {
    (
        $(#[$meta:meta])*
        $name:ident = $operation:literal $wire:literal (
            $($($param:ident: $param_type:ty =)? $first:literal: $first_type:literal $(= $first_default:literal)?
            $(, $($next:ident: $next_type:ty =)? $rest:literal: $rest_type:literal $(= $rest_default:literal)?)*
            $(,)?)?
        ): $type:literal -> $output:ty, $call:ident($($root:path)?);
        $cost:literal, $before:literal $behind:literal
        $(, arguments $more:ident)? $(, example $example:literal $values:literal)? $(, see $reference:literal)?
    ) => {
        $(#[$meta])*
        #[doc = ::std::concat!(
            "\nGraphQL `", $operation, $wire,
            $("(", $first, ": ", $first_type, $(" = ", $first_default,)?
            $(", ", $rest, ": ", $rest_type, $(" = ", $rest_default,)?)* ")",)?
            ": ", $type, "`.",
            $("\n\nMore arguments: [`", ::std::stringify!($more), "`], given to `.arguments(..)`.",)?
            "\n\n", $cost,
            "\n\n```no_run\n# use ", ::std::env!("CARGO_CRATE_NAME"), "::*;\n# use xurrent_runtime as rt;",
            "\n# async fn example(client: Client", $(", ", $example,)?
            ") -> Result<(), Box<dyn std::error::Error>> {\n",
            $before, "client.", ::std::stringify!($name), "(", $($values,)? ")", $behind,
            "\n# Ok(())\n# }\n```",
            $("\n\n[Reference](", $reference, ")")?
        )]
        #[inline]
        pub fn $name(
            &self,
            $(
                $($param: impl $crate::IntoInput<$param_type, $crate::NonNull>,)?
                $($($next: impl $crate::IntoInput<$next_type, $crate::NonNull>,)?)*
            )?
        ) -> $output {
            $crate::$call::new(self.runtime() $(, $root)?)
                $(
                    $(.argument($first, $crate::IntoInput::into_input($param)))?
                    $($(.argument($rest, $crate::IntoInput::into_input($next)))?)*
                )?
        }
    };
}

/// What a mutation selects of what it returns: of a payload its `errors` as well.
#[doc(hidden)]
#[macro_export]
macro_rules! __returned {
    (errors $type:ty) => {
        $crate::Selection::Payload(&<$type as $crate::declare::Selected>::SELECTION)
    };
    ($($other:tt)*) => {
        $crate::__selection!($($other)*)
    };
}
