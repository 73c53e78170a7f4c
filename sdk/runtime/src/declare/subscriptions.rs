//! Root fields of the subscription type: functions of the client with the feature `subscriptions`.

/// Declares the functions of the client for subscriptions to events of one record. They are there with the
/// feature `subscriptions` of this crate.
///
/// A root field is declared as in [`calls!`](crate::calls).
#[macro_export]
macro_rules! subscriptions {
    (
        impl $client:ty {
            $(
                $(#[$meta:meta])*
                $name:ident = $wire:literal
                $(($($param:ident: $param_type:ty =)?
                    $first:literal: $first_type:literal $(= $first_default:literal)?
                    $(, $($next:ident: $next_type:ty =)?
                        $rest:literal: $rest_type:literal $(= $rest_default:literal)?)* $(,)?))?
                : $type:literal -> $output:ty $({ $inner:tt })?
                $(, arguments $more:ident)?
                $(, example $example:literal $values:literal)?
                $(, see $reference:literal)?;
            )*
        }
    ) => {
        /// The root fields, by the names of their functions.
        pub(super) struct __Subscriptions;
        #[allow(non_upper_case_globals)]
        impl __Subscriptions {
            $(pub(crate) const $name: &$crate::RootField = &$crate::RootField {
                operation: $crate::OperationType::Subscription,
                name: $wire,
                arguments: &[$(($first, $first_type), $(($rest, $rest_type)),*)?],
                connection: ::std::option::Option::None,
                selection: $crate::__selection!($($inner $output)?),
            };)*

            /// All of them.
            pub(crate) const ALL: &[&$crate::RootField] = &[$(Self::$name),*];
        }
        // The types are named without the feature as well.
        const _: () = {
            $(
                let _: ::std::marker::PhantomData<$output>;
                $($(let _: ::std::marker::PhantomData<$param_type>;)? $($(let _: ::std::marker::PhantomData<$next_type>;)?)*)?
            )*
        };
        $crate::__subscriptions! {
            impl $client {
                $(
                    $(#[$meta])*
                    #[doc = ::std::concat!(
                        "\nGraphQL `subscription ", $wire,
                        $("(", $first, ": ", $first_type, $(" = ", $first_default,)?
                            $(", ", $rest, ": ", $rest_type, $(" = ", $rest_default,)?)* ")",)?
                        ": ", $type, "`.",
                        $("\n\nMore arguments: [`", ::std::stringify!($more), "`], given to `.arguments(..)`.",)?
                        "\n\nCosts a connection for as long as the stream is there.",
                        "\n\n```no_run\n# use ", ::std::env!("CARGO_CRATE_NAME"), "::*;\n# use xurrent_runtime as rt;",
                        "\n# async fn example(client: Client", $(", ", $example,)?
                        ") -> Result<(), Box<dyn std::error::Error>> {",
                        "\nlet mut events = client.", ::std::stringify!($name), "(", $($values,)? ").stream();",
                        "\nwhile let Some(event) = events.try_next().await? {\n    println!(\"{event:?}\");\n}",
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
                    ) -> $crate::subscriptions::SubscriptionCall<$output> {
                        $crate::subscriptions::SubscriptionCall::new(self.runtime(), __Subscriptions::$name)
                            $(
                                $(.argument($first, $crate::IntoInput::into_input($param)))?
                                $($(.argument($rest, $crate::IntoInput::into_input($next)))?)*
                            )?
                    }
                )*
            }
        }
    };
}
