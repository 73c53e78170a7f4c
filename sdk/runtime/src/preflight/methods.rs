//! The method `preflight` of calls.

use super::PreflightCall;
use super::calls::RootCall;
use super::returned::Returned;
use crate::call::{Call, Prepared};
use crate::client::ClientCore;
use crate::connection::{ConnectionField, ConnectionQuery};
use crate::error::Result;
use crate::node::NodeQuery;
use crate::operation::{Mutation, Query};
use crate::operation_call::OperationCall;
use xurrent_values::Preflight;

macro_rules! preflight_of_root_field {
    ($($type:ident <$($parameter:ident $(: $bound:path)?),*>, $($client:ident).+, |$call:ident| $prepared:expr, $returned:expr;)*) => {$(
        impl<$($parameter $(: $bound)?),*> $type<$($parameter),*> {
            /// Compares this call with the schema of the server: its root field, the arguments that are set with
            /// their values, and what it selects. Executes nothing; [`PreflightCall`] says what it costs.
            pub fn preflight(&self) -> PreflightCall {
                let $call = self.clone();
                let returned = $returned;
                of_call(&self.$($client).+, $prepared, returned)
            }
        }
    )*};
}

preflight_of_root_field! {
    ConnectionQuery<F: ConnectionField, T>, pages.call.client, |query| Ok(query.pages.call.prepared()), None;
    Query<T>, call.client, |query| Ok(query.call.prepared()), Some(Returned::new(query.read));
    Mutation<T>, call.client, |mutation| Ok(mutation.call.prepared()), Some(Returned::new(mutation.read));
    NodeQuery<T>, call.client, |query| query.prepared(), None;
}

fn of_call(client: &ClientCore, prepared: Result<Prepared>, returned: Option<Returned>) -> PreflightCall {
    let call = prepared.map(|Prepared { call: Call { root, selection, arguments, .. }, shape, .. }| {
        RootCall { root, selection, shape, arguments, returned }
    });
    PreflightCall::of_call(client, call)
}

impl<T: Preflight> OperationCall<T> {
    /// Compares this operation with the schema of the server: what it selects, with the arguments, and the types of
    /// its variables. Executes nothing; [`PreflightCall`] says what it costs.
    pub fn preflight(&self) -> PreflightCall {
        PreflightCall::of_types(&self.client, T::EXPECTED)
    }
}
