//! A call of a root field of the subscription type.

use super::stream::{Start, SubscriptionStream};
use crate::RetryPolicy;
use crate::call::Call;
use crate::client::ClientCore;
use crate::decode::{Field, Read, read_field};
use crate::document::RootField;
use crate::input::{Input, InputValue};
use crate::operation::unwrapped;
use crate::select::{Select, Selectable};
use std::fmt;

/// A subscription before it begins. Costs a connection for as long as its stream is there.
#[must_use = "a subscription does nothing until its stream is polled"]
pub struct SubscriptionCall<T> {
    call: Call,
    ignores_gaps: bool,
    read: Read<T>,
}

impl<T: Field> SubscriptionCall<T> {
    /// A call of a root field. Generated code calls this.
    #[doc(hidden)]
    pub fn new(client: &ClientCore, root: &'static RootField) -> Self {
        Self { call: Call::new(client, root), ignores_gaps: false, read: read_field }
    }
}

impl<T> SubscriptionCall<T> {
    /// Sets a required argument. Generated code calls this.
    #[doc(hidden)]
    pub fn argument(mut self, name: &'static str, value: InputValue) -> Self {
        self.call.arguments.set(name, value);
        self
    }

    /// Sets the optional arguments of this field.
    pub fn arguments(mut self, arguments: impl Input) -> Self {
        self.call.set_all(&arguments);
        self
    }

    /// Sets the retry policy of this subscription, in place of the client's. It applies to each loss of the
    /// connection. With [`RetryPolicy::never`], the first loss ends the stream.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.call.client.retry = policy;
        self
    }

    /// Goes on without an error after a lost connection: the events in between are missing unnoticed.
    pub fn ignore_gaps(mut self) -> Self {
        self.ignores_gaps = true;
        self
    }

    /// The stream of events. It connects when it is polled first, or with
    /// [`connect`](SubscriptionStream::connect), and needs a Tokio runtime then.
    #[must_use = "a stream does nothing until it is polled"]
    pub fn stream(self) -> SubscriptionStream<T> {
        SubscriptionStream::new(Start { call: self.call, ignores_gaps: self.ignores_gaps }, self.read)
    }
}

// Apart, since messages of the compiler about a wrong selection show these lines.
impl<T> SubscriptionCall<T> {
    /// Requests the fields that `S` selects, in place of all leaf fields. `Option` and `Vec` stay around it.
    pub fn select<S: Select<T::On>>(self) -> SubscriptionCall<T::With<S>>
    where
        T: Selectable,
    {
        let call = self.call.select(*unwrapped::<T::On, S>(), S::NODES);
        SubscriptionCall { call, ignores_gaps: self.ignores_gaps, read: T::read::<S> }
    }
}

impl<T> Clone for SubscriptionCall<T> {
    fn clone(&self) -> Self {
        Self { call: self.call.clone(), ignores_gaps: self.ignores_gaps, read: self.read }
    }
}

impl<T> fmt::Debug for SubscriptionCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}
