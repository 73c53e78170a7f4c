//! Everything in a public signature has a name in this crate.

use xurrent::batch::{Batch, BatchItem, BatchOperation};
use xurrent::connection::{ConnectionField, Filtered, Ordered, Viewed};
use xurrent::error::{DecodeError, DecodeErrorKind, PathSegment};
use xurrent::http::StatusCode;
use xurrent::input::{Input, InputObject, InputType, InputValue, NonNull, Nullable};
use xurrent::jiff::{Span, tz::Offset};
use xurrent::operation::Operation;
use xurrent::select::{Decoder, Field, Object, WireLeaf, root};
use xurrent::transport::{BoxFuture, MemoryRequest, Request, Transport, UploadBody, UploadRequest};
use xurrent::{
    Client, ConnectionQuery, IntoInput, MemoryTransport, PeopleQuery, Person, PersonFilter, PersonOrder,
    PersonView, Result, Select, Timestamp, bytes, http, jiff, serde_json,
};

/// Any connection of the schema, page by page.
async fn sync<F: ConnectionField>(query: ConnectionQuery<F>, mut keep: impl FnMut(F::Node)) -> Result<usize> {
    let (mut pages, mut count) = (query.page_size(50).pages(), 0);
    while let Some(page) = pages.try_next().await? {
        count += page.nodes.len();
        page.nodes.into_iter().for_each(&mut keep);
    }
    Ok(count)
}

/// A connection with all of its arguments.
fn narrowed<F: Filtered + Viewed + Ordered>(
    query: ConnectionQuery<F>,
    filter: <F as Filtered>::Filter,
    view: F::View,
    order: F::Order,
) -> ConnectionQuery<F> {
    query.filter(filter).view(view).order([order])
}

/// A transport of a user's own, around another.
struct Counting<T>(T, std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl<T: Transport> Transport for Counting<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<http::Response<Vec<u8>>>> {
        let body: &bytes::Bytes = request.http.body();
        self.1.fetch_add(usize::from(!body.is_empty()), std::sync::atomic::Ordering::SeqCst);
        Box::pin(async move {
            let response = self.0.send(request).await?;
            assert_eq!(response.status(), StatusCode::OK);
            Ok(response)
        })
    }

    fn upload(&self, request: UploadRequest) -> BoxFuture<'_, Result<http::Response<Vec<u8>>>> {
        let _: &http::Request<UploadBody> = &request.http;
        self.0.upload(request)
    }
}

#[tokio::test]
async fn generic_code_needs_no_other_crate() {
    let page = |_: &MemoryRequest| -> serde_json::Value {
        serde_json::json!({"data": {"people": {
            "totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": false, "endCursor": null}
        }}})
    };
    let sent = std::sync::Arc::default();
    let transport = Counting(MemoryTransport::new(page), std::sync::Arc::clone(&sent));
    let builder = Client::builder().account("wdc").personal_access_token("token");
    let client = builder.transport(transport).build().unwrap();
    let order = PersonOrder::asc(xurrent::PersonOrderField::Name);
    let query = narrowed(client.people(), PersonFilter::new().disabled(false), PersonView::All, order);
    let mut people: Vec<Person> = Vec::new();
    assert_eq!(sync::<PeopleQuery>(query, |person| people.push(person)).await.unwrap(), 0);
    assert_eq!(sent.load(std::sync::atomic::Ordering::SeqCst), 1);
}

/// The bounds of functions of the client and of setters.
#[allow(dead_code, reason = "compiles")]
mod bounds {
    use super::*;

    async fn query<T: Operation + Select<root::Query>>(
        client: &Client,
        variables: T::Variables,
    ) -> Result<T> {
        client.query::<T>(variables).await
    }

    async fn mutation<T: Operation + Select<root::Mutation>>(
        client: &Client,
        variables: T::Variables,
    ) -> Result<T> {
        client.mutation::<T>(variables).await
    }

    async fn batch<B: Batch<Operation = root::Query>>(client: &Client, batch: B) -> Result<B::Output> {
        client.batch(batch).await
    }

    fn operation<I: BatchItem<Operation = O>, O: BatchOperation>(_: &I) {}

    fn result<T: Object>(client: &Client, url: &str) -> xurrent::AsyncResult<T> {
        client.async_result(url)
    }

    fn filter(
        name: impl IntoInput<String, NonNull>,
        more: impl IntoInput<String, Nullable>,
    ) -> (InputValue, InputValue) {
        (name.into_input(), more.into_input())
    }

    fn content<I: Input>(input: &I) -> &InputObject {
        input.as_object()
    }

    fn value<T: InputType>(value: T) -> InputValue {
        value.into_value()
    }

    fn decode<T: Field>(value: &mut T, decoder: &mut Decoder<'_>) -> std::result::Result<(), DecodeError> {
        value.decode(decoder)
    }

    fn path(error: &DecodeError) -> (&DecodeErrorKind, Vec<&PathSegment>) {
        (error.kind(), error.path().collect())
    }

    fn leaf<T: WireLeaf>(_: &T) {}

    fn later(time: Timestamp) -> Option<jiff::Timestamp> {
        time.instant()?.checked_add(Span::new().hours(1)).ok()
    }

    fn at(instant: jiff::Timestamp) -> Timestamp {
        Timestamp::At(instant, Offset::UTC)
    }
}
