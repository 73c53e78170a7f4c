//! Several calls in one request, each under an alias, each with a result of its own.

mod items;
mod member;

use crate::client::ClientCore;
use crate::decode::{DecodeError, DecodeErrorKind, Decoder};
use crate::document::{Aliased, BATCH, OperationType, alias, body, several};
use crate::error::{Error, ErrorKind, GraphQlError, Result};
use crate::operation::Prepared;
use crate::remaining_pages::{Caller, Plan};
use crate::response::GraphQlResponse;
use crate::response::http::HttpResponse;
use crate::retry::RetryPolicy;
use crate::secrets::Secrets;
use crate::select::{MAX_NODES, root};
use crate::send;
use crate::transport::BoxFuture;
use member::{Member, Outcome, once, result};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use tokio::time::Instant;

/// What the server said to one call of a batch.
pub struct Part {
    operation: &'static str,
    /// The value of its root field, as JSON.
    json: Option<String>,
    /// The errors that belong to it.
    errors: Vec<GraphQlError>,
    /// The errors of the whole request, for a part that has no data because of another one.
    others: Arc<[GraphQlError]>,
    request_id: Option<String>,
    pub(crate) secrets: Secrets,
    /// Why its nested connections could not be completed.
    incomplete: Option<Error>,
}

/// One call of a batch, ready to be written.
pub struct BatchCall<T> {
    pub(crate) member: Result<Box<dyn Member>>,
    pub(crate) outcome: Outcome<T>,
}

impl<T: Send + 'static> BatchCall<T> {
    /// A call that one request answers.
    pub(crate) fn once(
        prepared: Result<Prepared>,
        read: impl FnOnce(Part) -> Result<T> + Send + 'static,
    ) -> Self {
        match prepared {
            Ok(prepared) => {
                let (member, outcome) = once(prepared, read);
                Self { member: Ok(member), outcome }
            }
            // Nothing is sent then, and nothing received.
            Err(error) => Self { member: Err(error), outcome: tokio::sync::oneshot::channel().1 },
        }
    }
}

/// A call that can be part of a batch: a query or a mutation of one root field.
///
/// A query of a connection asks for its first page; [`Page`](crate::Page) says where to go on. With
/// [`ConnectionQuery::complete`](crate::ConnectionQuery::complete) it asks for all of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a batch",
    note = "what the functions of the client return can, before it is awaited"
)]
pub trait BatchItem {
    /// [`root::Query`] or [`root::Mutation`]: a batch has one kind only.
    type Operation: BatchOperation;
    /// What the call returns.
    type Output: Send + 'static;
    /// The call, as a part of a batch.
    #[doc(hidden)]
    fn into_call(self) -> BatchCall<Self::Output>;
}

/// The kind of a batch.
pub trait BatchOperation {
    /// As it is written.
    #[doc(hidden)]
    const TYPE: OperationType;
}

impl BatchOperation for root::Query {
    const TYPE: OperationType = OperationType::Query;
}

impl BatchOperation for root::Mutation {
    const TYPE: OperationType = OperationType::Mutation;
}

/// The calls of a batch: a tuple of up to eight, or a `Vec` of calls of one type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a batch",
    note = "a batch is a tuple of two to eight calls, all queries or all mutations, or a `Vec` of calls of one type"
)]
pub trait Batch {
    /// [`root::Query`] or [`root::Mutation`].
    type Operation: BatchOperation;
    /// A result for each call, in their order.
    type Output: Send + 'static;
    /// The calls, and how their results are put together.
    #[doc(hidden)]
    fn into_calls(self) -> (Members, Assemble<Self::Output>);
}

/// The calls of a batch, each of them usable or not.
pub type Members = Vec<Result<Box<dyn Member>>>;

/// Puts the results together.
pub type Assemble<T> = Box<dyn FnOnce() -> T + Send>;

impl<I: BatchItem> Batch for Vec<I> {
    type Operation = I::Operation;
    type Output = Vec<Result<I::Output>>;

    fn into_calls(self) -> (Members, Assemble<Self::Output>) {
        let calls = self.into_iter().map(BatchItem::into_call);
        let (members, outcomes): (Vec<_>, Vec<_>) = calls.map(|call| (call.member, call.outcome)).unzip();
        (members, Box::new(|| outcomes.into_iter().map(result).collect()))
    }
}

macro_rules! tuple {
    ($first:ident $($item:ident)*) => {
        impl<$first: BatchItem $(, $item: BatchItem<Operation = $first::Operation>)*> Batch for ($first, $($item),*) {
            type Operation = $first::Operation;
            type Output = (Result<$first::Output>, $(Result<$item::Output>),*);

            #[allow(non_snake_case, reason = "one name serves as type and as value")]
            fn into_calls(self) -> (Members, Assemble<Self::Output>) {
                let ($first, $($item),*) = self;
                let ($first, $($item),*) = ($first.into_call(), $($item.into_call()),*);
                let members = vec![$first.member, $($item.member),*];
                let ($first, $($item),*) = ($first.outcome, $($item.outcome),*);
                (members, Box::new(|| (result($first), $(result($item)),*)))
            }
        }
    };
}

tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
tuple!(A B C D E F G);
tuple!(A B C D E F G H);

impl Part {
    /// Whether it has no data because of an error elsewhere: GraphQL drops all of the answer when a
    /// field that is never null fails.
    fn is_lost_to_others(&self) -> bool {
        self.json.is_none() && self.errors.is_empty() && !self.others.is_empty()
    }

    /// Reads the value. Errors of the part itself come before what cannot be read.
    pub(crate) fn read<T>(
        self,
        read: impl FnOnce(&mut Decoder<'_>) -> std::result::Result<T, DecodeError>,
    ) -> Result<T> {
        let Self { operation, json, errors, others, secrets, incomplete, .. } = self;
        if let Some(error) = incomplete {
            return Err(error);
        }
        let error = match json {
            Some(json) if errors.is_empty() => {
                let mut decoder = Decoder::new(json.as_bytes());
                let decode = |error: DecodeError| {
                    Error::decode(operation, error.at_plain_key(operation).redacted(&secrets.texts()))
                };
                match read(&mut decoder) {
                    Ok(value) => return Ok(value),
                    Err(error) => decode(error),
                }
            }
            None if errors.is_empty() && others.is_empty() => {
                let missing = DecodeError::new(DecodeErrorKind::Missing).at_plain_key(operation);
                Error::decode(operation, missing)
            }
            // Lost to others.
            None if errors.is_empty() => {
                Error::graphql(ErrorKind::GraphQl, operation, others.to_vec()).detect_rate_limit()
            }
            json => {
                let data = json.and_then(|json| RawValue::from_string(json).ok());
                Error::graphql(ErrorKind::GraphQl, operation, errors).with_data(data).detect_rate_limit()
            }
        };
        Err(error)
    }

    /// Completes its nested connections, unless it failed.
    async fn complete(&mut self, client: &ClientCore, kind: OperationType, begun: Instant, plan: &Plan) {
        let Some(json) = self.json.take_if(|_| self.errors.is_empty()) else { return };
        let caller = Caller::new(client, self.operation, kind, begun, false);
        match caller.complete_value(json, plan, self.secrets.clone()).await {
            Ok(json) => self.json = Some(json),
            Err(error) => self.incomplete = Some(error),
        }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("operation", &self.operation).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for BatchCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchCall").finish_non_exhaustive()
    }
}

/// A request with several calls. Costs one request, which for mutations is sent again only when it was
/// certainly not executed; with connections that are to be
/// [complete](crate::ConnectionQuery::complete), as many requests as the longest of them has pages.
#[must_use = "a batch does nothing until it is awaited"]
pub struct BatchQuery<T> {
    client: ClientCore,
    operation: OperationType,
    members: Members,
    assemble: Assemble<T>,
}

impl<T> BatchQuery<T> {
    /// A request with these calls. Clients call this.
    #[doc(hidden)]
    pub fn new<B: Batch<Output = T>>(client: &ClientCore, batch: B) -> Self {
        let (members, assemble) = batch.into_calls();
        Self { client: client.clone(), operation: B::Operation::TYPE, members, assemble }
    }

    /// When this batch is sent again, in place of the client's policy. Policies of its calls play no
    /// part.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.client.retry = policy;
        self
    }

    /// Sends the batch.
    ///
    /// # Errors
    /// What concerns the whole request: all [kinds](ErrorKind) but those of payloads, pages and
    /// wrong types. What concerns one call is in its own result. When a later request for the pages
    /// of connections fails as a whole, what came before is dropped.
    pub async fn send(self) -> Result<T> {
        let Self { client, operation, members, assemble } = self;
        run(&client, operation, members.into_iter().collect::<Result<_>>()?).await?;
        Ok(assemble())
    }
}

/// Sends requests until every member has its result: each has the next pages of those that have not.
/// In a box, so that it is compiled with this crate.
fn run(
    client: &ClientCore,
    operation: OperationType,
    mut members: Vec<Box<dyn Member>>,
) -> BoxFuture<'_, Result<()>> {
    Box::pin(async move {
        loop {
            let (mut calls, mut askers) = (Vec::new(), Vec::new());
            for member in &mut members {
                if let Some(call) = member.ask()? {
                    calls.push(call);
                    askers.push(member);
                }
            }
            if calls.is_empty() {
                return Ok(());
            }
            match exchange(client, operation, calls).await {
                Ok(parts) => askers.into_iter().zip(parts).for_each(|(member, part)| member.take(part)),
                Err(error) => {
                    // Each of them that can, though one would do: nobody says which is too much.
                    let shrunk = askers.into_iter().filter_map(|member| member.shrink(&error).then_some(()));
                    if shrunk.count() == 0 {
                        return Err(error);
                    }
                }
            }
        }
    })
}

/// Sends the calls in one request and takes the answer apart.
fn exchange(
    client: &ClientCore,
    operation: OperationType,
    calls: Vec<Prepared>,
) -> BoxFuture<'_, Result<Vec<Part>>> {
    Box::pin(async move {
        let nodes = calls.iter().fold(0, |sum: u64, call| sum.saturating_add(call.nodes));
        if nodes > MAX_NODES {
            return Err(Error::configuration(format!(
                "the calls of the batch ask for {nodes} nodes together, and a request may ask for {MAX_NODES}: \
                 give the connections a smaller `page_size`"
            )));
        }
        if calls.iter().any(|call| !Arc::ptr_eq(&call.call.client.session, &client.session)) {
            return Err(Error::configuration("the calls of a batch must be of the client that sends it"));
        }
        let aliased = calls.iter().map(|Prepared { call, shape, .. }| Aliased {
            root: call.root,
            selection: call.selection,
            shape: *shape,
            arguments: &call.arguments,
        });
        let (document, variables) = several(operation, aliased);
        let body = body(BATCH, &document, &variables).map_err(|error| {
            Error::configuration("the arguments of the batch cannot be sent").with_source(error)
        })?;
        let begun = Instant::now();
        let answer = send::graphql(client, BATCH, operation, body).await?;
        let mut parts = parts(&answer, &calls)?;
        for (part, Prepared { call, shape, .. }) in parts.iter_mut().zip(&calls) {
            let plan = Plan::of_root(call.selection, *shape);
            if !plan.is_empty() {
                part.complete(client, operation, begun, &plan).await;
            }
        }
        Ok(parts)
    })
}

fn parts(answer: &HttpResponse, calls: &[Prepared]) -> Result<Vec<Part>> {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let response = GraphQlResponse::read(answer, BATCH, &mut |decoder| {
        decoder.entries("the data", &mut |decoder, key| match values
            .insert(key.to_owned(), decoder.raw()?.to_owned())
        {
            None => Ok(()),
            Some(_) => Err(DecodeError::new(DecodeErrorKind::Duplicate)),
        })
    })?;
    let (errors, request_id) = response.into_errors()?;
    let index_of = |error: &GraphQlError| {
        let first = error.path.first()?;
        (0..calls.len()).find(|index| alias(*index) == *first)
    };
    // What belongs to no part concerns the request: that it is invalid, that a scope is missing.
    if let Some(place) = errors.iter().position(|error| index_of(error).is_none()) {
        let mut errors = errors;
        errors.rotate_left(place);
        let data = values.iter().map(|(key, value)| format!("{key:?}:{value}")).collect::<Vec<_>>().join(",");
        let data = RawValue::from_string(format!("{{{data}}}")).ok().filter(|_| !values.is_empty());
        let error = Error::graphql(ErrorKind::GraphQl, BATCH, errors).with_data(data);
        return Err(error.detect_rate_limit().with_request_id(request_id.as_deref()));
    }
    let others: Arc<[GraphQlError]> = errors.iter().cloned().collect();
    let part = |(index, call): (usize, &Prepared)| {
        let operation = call.call.root.name;
        let own = errors.iter().filter(|error| index_of(error) == Some(index));
        let errors = own.map(|error| {
            let mut error = error.clone();
            operation.clone_into(&mut error.path[0]);
            error
        });
        Part {
            operation,
            json: values.remove(&alias(index)),
            errors: errors.collect(),
            others: Arc::clone(&others),
            request_id: request_id.clone(),
            secrets: answer.secrets.clone(),
            incomplete: None,
        }
    };
    Ok(calls.iter().enumerate().map(part).collect())
}

impl<T> fmt::Debug for BatchQuery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.members.iter().flatten()).finish()
    }
}

impl<T: Send + 'static> IntoFuture for BatchQuery<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
