//! Root fields: the functions of the client.

/// Declares the functions of the client for root fields of one record.
///
/// A root field is declared as in the schema, with a Rust name in front and its Rust type behind `->`. Before
/// an argument that is required stands the parameter that sets it. Behind the record of a connection stands `as`,
/// the constant with the names of its parts, and `counted` if it has a total count, unless these are
/// [`ConnectionShape::NODES`](crate::ConnectionShape::NODES). Behind a payload stands the list of its errors:
/// `{ errors }` for `errors { message path }`, and otherwise in GraphQL, with the keys `message`, `path` and `code`:
/// `{ "userErrors { message path: field }" }`. `example` has the parameters and the arguments of the example in the
/// documentation.
#[allow(clippy::crate_in_macro_def, reason = "the blocking client is one of the crate that uses the macro")]
#[macro_export]
macro_rules! calls {
    (
        impl $client:ty {
            $(connections {
                $(
                    $(#[$many_meta:meta])*
                    $many:ident = $many_wire:literal
                    $(($($many_param:ident: $many_param_type:ty =)?
                        $many_first:literal: $many_first_type:literal $(= $many_first_default:literal)?
                        $(, $($many_next:ident: $many_next_type:ty =)?
                            $many_rest:literal: $many_rest_type:literal $(= $many_rest_default:literal)?)* $(,)?))?
                    : $many_type:literal -> $marker:ident of $node:ty $(as $shape:ident $($counted:ident)?)?
                    $(, arguments $many_more:ident)?
                    $(, filter $($filter_name:literal)? $filter:ty)? $(, view $($view_name:literal)? $view:ty)?
                    $(, order $($order_name:literal)? $order:ty)?
                    $(, example $many_example:literal $many_values:literal)?
                    $(, see $many_reference:literal)?;
                )*
            })?
            $(queries {
                $(
                    $(#[$query_meta:meta])*
                    $query:ident = $query_wire:literal
                    $(($($query_param:ident: $query_param_type:ty =)?
                        $query_first:literal: $query_first_type:literal $(= $query_first_default:literal)?
                        $(, $($query_next:ident: $query_next_type:ty =)?
                            $query_rest:literal: $query_rest_type:literal $(= $query_rest_default:literal)?)* $(,)?))?
                    : $query_type:literal -> $query_output:ty $({ $query_inner:tt })?
                    $(, arguments $query_more:ident)?
                    $(, example $query_example:literal $query_values:literal)?
                    $(, see $query_reference:literal)?;
                )*
            })?
            $(mutations {
                $(
                    $(#[$change_meta:meta])*
                    $change:ident = $change_wire:literal
                    $(($($change_param:ident: $change_param_type:ty =)?
                        $change_first:literal: $change_first_type:literal $(= $change_first_default:literal)?
                        $(, $($change_next:ident: $change_next_type:ty =)?
                            $change_rest:literal: $change_rest_type:literal $(= $change_rest_default:literal)?)* $(,)?))?
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
                arguments: &[$(($many_first, $many_first_type), $(($many_rest, $many_rest_type)),*)?],
                connection: ::std::option::Option::Some($crate::__shape!($($shape)?)),
                selection: <$node as $crate::declare::Selected>::SELECTION,
            };)*)?
            $($(pub(crate) const $query: &$crate::RootField = &$crate::RootField {
                operation: $crate::OperationType::Query,
                name: $query_wire,
                arguments: &[$(($query_first, $query_first_type), $(($query_rest, $query_rest_type)),*)?],
                connection: ::std::option::Option::None,
                selection: $crate::__selection!($($query_inner $query_output)?),
            };)*)?
            $($(pub(crate) const $change: &$crate::RootField = &$crate::RootField {
                operation: $crate::OperationType::Mutation,
                name: $change_wire,
                arguments: &[$(($change_first, $change_first_type), $(($change_rest, $change_rest_type)),*)?],
                connection: ::std::option::Option::None,
                selection: $crate::__returned!($($change_inner $change_output)?),
            };)*)?

            /// All of them.
            pub(crate) const ALL: &[&$crate::RootField] =
                &[$($(Self::$many,)*)? $($(Self::$query,)*)? $($(Self::$change,)*)?];
        }
        impl $client {
            $($(
                $(#[$many_meta])*
                #[doc = ::std::concat!(
                    "\nGraphQL `query ", $many_wire,
                    $("(", $many_first, ": ", $many_first_type, $(" = ", $many_first_default,)?
                        $(", ", $many_rest, ": ", $many_rest_type, $(" = ", $many_rest_default,)?)* ")",)?
                    ": ", $many_type, "`.",
                    $("\n\nMore arguments: [`", ::std::stringify!($many_more), "`], given to `.arguments(..)`.",)?
                    "\n\nCosts one request per page.",
                    "\n\n```no_run\n# use ", ::std::env!("CARGO_CRATE_NAME"), "::*;\n# use xurrent_runtime as rt;",
                    "\n# async fn example(client: Client", $(", ", $many_example,)?
                    ") -> Result<(), Box<dyn std::error::Error>> {",
                    "\nlet mut records = client.", ::std::stringify!($many), "(", $($many_values,)? ").stream();",
                    "\nwhile let Some(record) = records.try_next().await? {\n    println!(\"{record:?}\");\n}",
                    "\n# Ok(())\n# }\n```",
                    $("\n\n[Reference](", $many_reference, ")")?
                )]
                #[inline]
                pub fn $many(
                    &self,
                    $(
                        $($many_param: impl $crate::IntoInput<$many_param_type, $crate::NonNull>,)?
                        $($($many_next: impl $crate::IntoInput<$many_next_type, $crate::NonNull>,)?)*
                    )?
                ) -> $crate::ConnectionQuery<$marker> {
                    $crate::ConnectionQuery::new(self.runtime())
                        $(
                            $(.argument($many_first, $crate::IntoInput::into_input($many_param)))?
                            $($(.argument($many_rest, $crate::IntoInput::into_input($many_next)))?)*
                        )?
                }
            )*)?
            $($(
                $(#[$query_meta])*
                #[doc = ::std::concat!(
                    "\nGraphQL `query ", $query_wire,
                    $("(", $query_first, ": ", $query_first_type, $(" = ", $query_first_default,)?
                        $(", ", $query_rest, ": ", $query_rest_type, $(" = ", $query_rest_default,)?)* ")",)?
                    ": ", $query_type, "`.",
                    $("\n\nMore arguments: [`", ::std::stringify!($query_more), "`], given to `.arguments(..)`.",)?
                    "\n\nCosts one request.",
                    "\n\n```no_run\n# use ", ::std::env!("CARGO_CRATE_NAME"), "::*;\n# use xurrent_runtime as rt;",
                    "\n# async fn example(client: Client", $(", ", $query_example,)?
                    ") -> Result<(), Box<dyn std::error::Error>> {",
                    "\nlet found = client.", ::std::stringify!($query), "(", $($query_values,)? ").await?;",
                    "\nprintln!(\"{found:?}\");\n# Ok(())\n# }\n```",
                    $("\n\n[Reference](", $query_reference, ")")?
                )]
                #[inline]
                pub fn $query(
                    &self,
                    $(
                        $($query_param: impl $crate::IntoInput<$query_param_type, $crate::NonNull>,)?
                        $($($query_next: impl $crate::IntoInput<$query_next_type, $crate::NonNull>,)?)*
                    )?
                ) -> $crate::Query<$query_output> {
                    $crate::Query::new(self.runtime(), __RootFields::$query)
                        $(
                            $(.argument($query_first, $crate::IntoInput::into_input($query_param)))?
                            $($(.argument($query_rest, $crate::IntoInput::into_input($query_next)))?)*
                        )?
                }
            )*)?
            $($(
                $(#[$change_meta])*
                #[doc = ::std::concat!(
                    "\nGraphQL `mutation ", $change_wire,
                    $("(", $change_first, ": ", $change_first_type, $(" = ", $change_first_default,)?
                        $(", ", $change_rest, ": ", $change_rest_type, $(" = ", $change_rest_default,)?)* ")",)?
                    ": ", $change_type, "`.",
                    $("\n\nMore arguments: [`", ::std::stringify!($change_more), "`], given to `.arguments(..)`.",)?
                    "\n\nCosts one request, which is never executed twice.",
                    "\n\n```no_run\n# use ", ::std::env!("CARGO_CRATE_NAME"), "::*;\n# use xurrent_runtime as rt;",
                    "\n# async fn example(client: Client", $(", ", $change_example,)?
                    ") -> Result<(), Box<dyn std::error::Error>> {",
                    "\nlet payload = client.", ::std::stringify!($change), "(", $($change_values,)? ").await?;",
                    "\nprintln!(\"{payload:?}\");\n# Ok(())\n# }\n```",
                    $("\n\n[Reference](", $change_reference, ")")?
                )]
                #[inline]
                pub fn $change(
                    &self,
                    $(
                        $($change_param: impl $crate::IntoInput<$change_param_type, $crate::NonNull>,)?
                        $($($change_next: impl $crate::IntoInput<$change_next_type, $crate::NonNull>,)?)*
                    )?
                ) -> $crate::Mutation<$change_output> {
                    $crate::Mutation::new(self.runtime(), __RootFields::$change)
                        $(
                            $(.argument($change_first, $crate::IntoInput::into_input($change_param)))?
                            $($(.argument($change_rest, $crate::IntoInput::into_input($change_next)))?)*
                        )?
                }
            )*)?
        }
        $crate::__blocking! {
            impl crate::blocking::Client {
                $($(
                    $(#[$many_meta])*
                    #[doc = ::std::concat!(
                        "\nSee [`Client::", ::std::stringify!($many), "`](crate::Client::", ::std::stringify!($many), ")."
                    )]
                    #[inline]
                    pub fn $many(
                        &self,
                        $(
                            $($many_param: impl $crate::IntoInput<$many_param_type, $crate::NonNull>,)?
                            $($($many_next: impl $crate::IntoInput<$many_next_type, $crate::NonNull>,)?)*
                        )?
                    ) -> $crate::blocking_call::Call<$crate::ConnectionQuery<$marker>> {
                        self.blocking_call(self.as_async().$many($($($many_param,)? $($($many_next,)?)*)?))
                    }
                )*)?
                $($(
                    $(#[$query_meta])*
                    #[doc = ::std::concat!(
                        "\nSee [`Client::", ::std::stringify!($query), "`](crate::Client::", ::std::stringify!($query), ")."
                    )]
                    #[inline]
                    pub fn $query(
                        &self,
                        $(
                            $($query_param: impl $crate::IntoInput<$query_param_type, $crate::NonNull>,)?
                            $($($query_next: impl $crate::IntoInput<$query_next_type, $crate::NonNull>,)?)*
                        )?
                    ) -> $crate::blocking_call::Call<$crate::Query<$query_output>> {
                        self.blocking_call(self.as_async().$query($($($query_param,)? $($($query_next,)?)*)?))
                    }
                )*)?
                $($(
                    $(#[$change_meta])*
                    #[doc = ::std::concat!(
                        "\nSee [`Client::", ::std::stringify!($change), "`](crate::Client::", ::std::stringify!($change), ")."
                    )]
                    #[inline]
                    pub fn $change(
                        &self,
                        $(
                            $($change_param: impl $crate::IntoInput<$change_param_type, $crate::NonNull>,)?
                            $($($change_next: impl $crate::IntoInput<$change_next_type, $crate::NonNull>,)?)*
                        )?
                    ) -> $crate::blocking_call::Call<$crate::Mutation<$change_output>> {
                        self.blocking_call(self.as_async().$change($($($change_param,)? $($($change_next,)?)*)?))
                    }
                )*)?
            }
        }
        $($(
            #[doc = ::std::concat!("The root connection `", $many_wire, "`.")]
            #[derive(Clone, Copy, Debug)]
            pub enum $marker {}
            impl $crate::ConnectionField for $marker {
                type Node = $node;
                const ROOT: &'static $crate::RootField = __RootFields::$many;
            }
            $crate::__counted!($marker $($shape $($counted)?)?);
            $(impl $crate::Filtered for $marker {
                type Filter = $filter;
                $(const ARGUMENT: &'static str = $filter_name;)?
            })?
            $(impl $crate::Viewed for $marker {
                type View = $view;
                $(const ARGUMENT: &'static str = $view_name;)?
            })?
            $(impl $crate::Ordered for $marker {
                type Order = $order;
                $(const ARGUMENT: &'static str = $order_name;)?
            })?
        )*)?
    };
}

/// The names of a connection's parts: a constant beside the records, or those of most APIs.
#[doc(hidden)]
#[macro_export]
macro_rules! __shape {
    () => {
        $crate::ConnectionShape::NODES
    };
    ($shape:ident) => {
        super::$shape
    };
}

/// Marks a connection that has a total count.
#[doc(hidden)]
#[macro_export]
macro_rules! __counted {
    ($marker:ident $shape:ident) => {};
    ($marker:ident $($counted:ident)*) => {
        impl $crate::Counted for $marker {}
    };
}

/// What a mutation selects of what it returns: of a payload its errors as well.
#[doc(hidden)]
#[macro_export]
macro_rules! __returned {
    (errors $type:ty) => {
        $crate::__returned!("errors { message path }" $type)
    };
    ($errors:literal $type:ty) => {
        $crate::Selection::Payload {
            errors: $errors,
            selection: &<$type as $crate::declare::Selected>::SELECTION,
        }
    };
    ($($other:tt)*) => {
        $crate::__selection!($($other)*)
    };
}
