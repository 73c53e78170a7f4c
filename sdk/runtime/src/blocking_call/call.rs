//! Blocking calls.

use super::background::Background;
use super::iter::Iter;
use crate::batch::{BatchCall, BatchItem};
use crate::connection::{
    CompleteQuery, ConnectionField, ConnectionQuery, Counted, Filtered, Ordered, Viewed,
};
use crate::error::Result;
use crate::feature::Retry;
use crate::input::Input;
use crate::node::NodeQuery;
use crate::operation::{Mutation, Query};
use crate::operation_call::OperationCall;
use crate::pagination::{PageStream, Position, RecordStream};
use crate::preflight::{Preflight, PreflightCall};
use crate::raw::RawQuery;
use crate::response::Partial;
use crate::retry::RetryPolicy;
use crate::scalar::Json;
use crate::select::{Fetch, Object, Select, Selectable};
use std::future::IntoFuture;

/// A call of a blocking client: that of the async client, with the same settings, whose results need no
/// `await`.
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until its result is requested, for example with `send`"]
pub struct Call<C> {
    call: C,
    background: Background,
}

impl<C> Call<C> {
    /// A blocking call. Clients call this.
    #[doc(hidden)]
    pub fn new(background: &Background, call: C) -> Self {
        Self { call, background: background.clone() }
    }

    /// Changes the async call, for settings that only it has.
    pub fn map<D>(self, change: impl FnOnce(C) -> D) -> Call<D> {
        Call { call: change(self.call), background: self.background }
    }
}

impl<T, C: IntoFuture<Output = Result<T>>> Call<C> {
    /// Sends the call and waits for its result.
    ///
    /// # Errors
    /// Those of the async call, and [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) in an async
    /// context.
    pub fn send(self) -> Result<T> {
        self.background.block_on(self.call)
    }
}

impl<F: ConnectionField, T> Retry for ConnectionQuery<F, T> {
    fn retry(self, policy: RetryPolicy) -> Self {
        self.retry(policy)
    }
}

impl<C: Retry> Call<C> {
    /// Sets the retry policy of this call, in place of the client's.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.map(|call| call.retry(policy))
    }
}

/// Blocking calls in a [batch](crate::Client::batch) are the async ones.
impl<C: BatchItem> BatchItem for Call<C> {
    type Operation = C::Operation;
    type Output = C::Output;

    fn into_call(self) -> BatchCall<Self::Output> {
        self.call.into_call()
    }
}

/// Settings and results of async calls, by their signatures.
macro_rules! forward {
    ($(
        impl [$($generics:tt)*] $type:ident <$($parameter:ty),*> {
            $(set $setting:ident $([$variable:ident: $bound:path])? ($($argument:ident: $argument_type:ty),*)
                -> $output:ty $(where $limited:ident: $limit:path)?;)*
            $(get $result:ident -> $value:ty $(where $counted:ident: $count:path)?;)*
        }
    )*) => {$(
        impl<$($generics)*> Call<$type<$($parameter),*>> {
            $(
                #[doc = concat!(
                    "See [`", stringify!($type), "::", stringify!($setting), "`](crate::", stringify!($type), "::",
                    stringify!($setting), ")."
                )]
                pub fn $setting $(<$variable: $bound>)? (self, $($argument: $argument_type),*) -> Call<$output>
                $(where $limited: $limit)?
                {
                    self.map(|call| call.$setting $(::<$variable>)? ($($argument),*))
                }
            )*
            $(
                #[doc = concat!(
                    "See [`", stringify!($type), "::", stringify!($result), "`](crate::", stringify!($type), "::",
                    stringify!($result), ")."
                )]
                ///
                /// # Errors
                /// Those of the async call, and
                /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) in an async context.
                pub fn $result(self) -> Result<$value>
                $(where $counted: $count)?
                {
                    self.background.block_on(self.call.$result())
                }
            )*
        }
    )*};
}

forward! {
    impl [F: ConnectionField, T] ConnectionQuery<F, T> {
        set select[S: Select<F::Node>]() -> ConnectionQuery<F, S>;
        set arguments(arguments: impl Input) -> ConnectionQuery<F, T>;
        set view(view: F::View) -> ConnectionQuery<F, T> where F: Viewed;
        set filter(filter: F::Filter) -> ConnectionQuery<F, T> where F: Filtered;
        set order(order: impl IntoIterator<Item = F::Order>) -> ConnectionQuery<F, T> where F: Ordered;
        set page_size(page_size: usize) -> ConnectionQuery<F, T>;
        set limit(limit: usize) -> ConnectionQuery<F, T>;
        set max_requests(max_requests: usize) -> ConnectionQuery<F, T>;
        set allow_partial() -> ConnectionQuery<F, T>;
        set resume(position: impl Into<Option<Position>>) -> ConnectionQuery<F, T>;
        set after(cursor: impl Into<String>) -> ConnectionQuery<F, T>;
        set prefetch(prefetch: bool) -> ConnectionQuery<F, T>;
        set complete() -> CompleteQuery<T>;
        set preflight() -> PreflightCall;
        get all -> Vec<T>;
        get first -> Option<T>;
        get count -> i64 where F: Counted;
    }

    impl [T] Query<T> {
        set arguments(arguments: impl Input) -> Query<T>;
        set preflight() -> PreflightCall;
        get allow_partial -> Partial<T>;
    }

    impl [T: Selectable] Query<T> {
        set select[S: Select<T::On>]() -> Query<T::With<S>>;
    }

    impl [T] Mutation<T> {
        set arguments(arguments: impl Input) -> Mutation<T>;
        set preflight() -> PreflightCall;
        get allow_partial -> Partial<T>;
    }

    impl [T: Selectable] Mutation<T> {
        set select[S: Select<T::On>]() -> Mutation<T::With<S>>;
    }

    impl [P: Object] Mutation<P> {
        set record[T: Fetch]() -> Mutation<T>;
    }

    impl [T: Fetch<Record = T>] NodeQuery<T> {
        set select[S: Select<T>]() -> NodeQuery<S>;
    }

    impl [T] NodeQuery<T> {
        set preflight() -> PreflightCall;
    }

    impl [T: Preflight] OperationCall<T> {
        set preflight() -> PreflightCall;
    }

    impl [T] OperationCall<T> {
        get allow_partial -> Partial<T>;
    }
}

impl Call<PreflightCall> {
    /// See [`PreflightCall::and`].
    pub fn and(self, other: Self) -> Self {
        self.map(|call| call.and(other.call))
    }
}

impl Call<RawQuery> {
    /// See [`RawQuery::operation_name`](crate::RawQuery::operation_name).
    pub fn operation_name(self, name: impl Into<String>) -> Self {
        self.map(|call| call.operation_name(name))
    }

    /// See [`RawQuery::allow_partial`](crate::RawQuery::allow_partial).
    ///
    /// # Errors
    /// Those of the async call, and [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) in an async
    /// context.
    pub fn allow_partial(self) -> Result<Partial<Json>> {
        self.background.block_on(self.call.allow_partial())
    }
}

impl<F: ConnectionField, T> Call<ConnectionQuery<F, T>> {
    /// Returns an iterator of all records. It prefetches a page in the background while one is processed.
    pub fn stream(self) -> Iter<RecordStream<T>> {
        Iter::new(&self.background, self.call.stream())
    }

    /// Returns an iterator of all pages.
    pub fn pages(self) -> Iter<PageStream<T>> {
        Iter::new(&self.background, self.call.pages())
    }
}
