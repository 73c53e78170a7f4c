//! A call of a root field, and what all calls have in common.

use crate::client::ClientCore;
use crate::decode::Selection;
use crate::document::{RootField, Shape, body, document};
use crate::error::{Error, Result};
use crate::input::{Input, InputObject, InputValue, Wire};
use crate::outdated::{Origin, Root};
use crate::remaining_pages::{Plan, send_all};
use crate::response::http::HttpResponse;
use crate::transport::BoxFuture;
use std::fmt;

/// A call of a root field: selection and arguments.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) client: ClientCore,
    pub(crate) root: &'static RootField,
    pub(crate) selection: Selection,
    /// The number of nodes in one record of the selection.
    pub(crate) nodes: u64,
    pub(crate) arguments: InputObject,
    /// Whether data is wanted beside errors.
    pub(crate) partial: bool,
}

/// A call that is ready to be sent.
#[derive(Clone)]
pub struct Prepared {
    pub(crate) call: Call,
    pub(crate) shape: Shape,
    /// The number of nodes in the whole response.
    pub(crate) nodes: u64,
}

impl Call {
    pub(crate) fn new(client: &ClientCore, root: &'static RootField) -> Self {
        Self {
            client: client.clone(),
            root,
            selection: root.selection,
            nodes: 1,
            arguments: InputObject::new(),
            partial: false,
        }
    }

    pub(crate) fn select(mut self, selection: Selection, nodes: u64) -> Self {
        (self.selection, self.nodes) = (selection, nodes);
        self
    }

    /// Sets an argument, or removes it.
    pub(crate) fn set(&mut self, name: &'static str, value: Option<InputValue>) {
        match value {
            Some(value) => self.arguments.set(name, value),
            None => self.arguments.retain(|other, _| other != name),
        }
    }

    /// Copies all arguments that are set.
    pub(crate) fn set_all(&mut self, arguments: &impl Input) {
        for (name, value) in arguments.as_object().iter() {
            self.arguments.set(name, value.clone());
        }
    }

    pub(crate) fn prepared(self) -> Prepared {
        Prepared { shape: self.root.shape(), nodes: self.nodes, call: self }
    }

    /// Sends the request. Boxed, so that the future is compiled with this crate and not with its users.
    pub(crate) fn send(&self, shape: Shape) -> BoxFuture<'_, Result<HttpResponse>> {
        Box::pin(async move {
            let Self { client, root, selection, .. } = self;
            let is_given = |name: &str| self.arguments.get(name).is_some();
            let document = document(root, *selection, shape, is_given);
            let body = body(root.name, &document, Wire(&self.arguments)).map_err(|error| {
                let message = format!("the arguments of `{}` cannot be serialized", root.name);
                Error::configuration(message).with_reason(error)
            })?;
            let plan = Plan::of_call(root.name, *selection, shape);
            let origin = Origin::Root(Root { selection: *selection, shape });
            send_all(client, root.name, root.operation, (body, origin), &plan, self.partial).await
        })
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.root.name, self.arguments)
    }
}

/// Implements `retry` and `IntoFuture` for a call: `impl_call!(Type<T>: Output, path.to.client)`.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_call {
    ($name:ident $(<$T:ident>)?: $output:ty, $($client:ident).+) => {
        impl $(<$T>)? $name $(<$T>)? {
            /// Sets the retry policy of this call, in place of the client's.
            pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
                self.$($client).+.retry = policy;
                self
            }
        }

        impl $(<$T: Send + 'static>)? std::future::IntoFuture for $name $(<$T>)? {
            type Output = $crate::Result<$output>;
            type IntoFuture = $crate::transport::BoxFuture<'static, Self::Output>;

            // The function of a program that awaits the call would take longer to compile.
            #[inline(never)]
            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }

        $crate::__blocking! {
            impl $(<$T>)? $crate::blocking_call::Retry for $name $(<$T>)? {
                fn retry(self, policy: $crate::RetryPolicy) -> Self {
                    self.retry(policy)
                }
            }
        }
    };
}

pub(crate) use impl_call;
