//! Typed client for the GraphQL API of [Xurrent](https://www.xurrent.com), generated from its schema.
//!
//! ```no_run
//! # async fn example() -> xurrent::Result<()> {
//! use xurrent::{Client, PersonFilter, Region, Stage};
//!
//! let client = Client::builder()
//!     .account("wdc")
//!     .stage(Stage::Production)
//!     .region(Region::Us)
//!     .personal_access_token(std::env::var("XURRENT_TOKEN").unwrap_or_default())
//!     .build()?;
//! let mut people = client.people().filter(PersonFilter::new().disabled(false)).stream();
//! while let Some(person) = people.try_next().await? {
//!     println!("{:?}", person.name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Queries
//!
//! Every root field of the schema is a function of [`Client`]. A connection is a [`ConnectionQuery`], with
//! `view`, `filter` and `order` if the schema has them, and ends in `stream`, `pages`, `all`, `first` or
//! `count`. All others are awaited.
//!
//! A stream prefetches one page, on the Tokio runtime that polls it;
//! [`prefetch`](ConnectionQuery::prefetch) turns that off. The streams of one client share its limits
//! fairly. When the server refuses a page as too costly, the stream retries it in half the size, with a
//! warning of `tracing`.
//!
//! The [`Position`] of a stream is a short text. A stream that resumes there after a crash loses and repeats
//! no record.
//!
//! ```no_run
//! # use xurrent::Position;
//! # async fn example(client: xurrent::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let kept: Option<Position> = match std::fs::read_to_string("requests.position") {
//!     Ok(text) => Some(text.parse()?),
//!     Err(_) => None, // the first run
//! };
//! let mut pages = client.requests().resume(kept).pages();
//! while let Some(page) = pages.try_next().await? {
//!     println!("{} requests", page.nodes.len()); // process them, then:
//!     std::fs::write("requests.position", pages.position().to_string())?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A record has all its leaf fields. A record that it refers to is a [`Ref`], which [`Client::get`]
//! fetches. Its connections are not fetched.
//!
//! # Selections
//!
//! `#[derive(Select)]` makes a struct of yours a selection: its fields are fetched and nothing else, and the
//! compiler checks them against the schema. [The derive](derive@Select) documents all its forms. With
//! [`Leaf`], types of your own hold scalars and enums; the features `chrono` and `time` do that for theirs.
//!
//! ```no_run
//! use xurrent::{Client, Connection, Id, Select, Timestamp};
//!
//! #[derive(Select)]
//! #[select(on = Request)]
//! struct Ticket {
//!     id: Id,
//!     subject: Option<String>,
//!     #[select(rename = "requestedFor", required)]
//!     requester: Requester,
//!     #[select(first = 20)]
//!     notes: Connection<NoteLine>,
//! }
//!
//! #[derive(Select)]
//! #[select(on = Person)]
//! struct Requester {
//!     #[select(default)]
//!     name: String,
//! }
//!
//! #[derive(Select)]
//! #[select(on = Note)]
//! struct NoteLine {
//!     text: Option<String>,
//!     created_at: Timestamp,
//! }
//!
//! # async fn example(client: Client) -> xurrent::Result<()> {
//! let mut tickets = client.requests().select::<Ticket>().stream();
//! while let Some(ticket) = tickets.try_next().await? {
//!     println!("{} has {} notes", ticket.requester.name, ticket.notes.total_count);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The number of nodes of a selection is a constant: `Ticket::NODES` is 21, one request and 20 notes, so a
//! page of 100 has up to 2,100 of the 500,000 nodes that the API allows in one request. A struct that
//! exceeds them by itself does not compile; pages are as large as fits. [`Select`] has the rules.
//!
//! `first` fetches the first records of a nested connection. `#[select(all)]` fetches all of them, in order,
//! before it returns the record. A failure is an error ([`ErrorKind::Incomplete`]), never a shorter list.
//! The remaining pages cost a request for each 100 records of a connection, or of up to 10 connections.
//!
//! ```no_run
//! use xurrent::{Client, Id, Select};
//!
//! #[derive(Select)]
//! #[select(on = Team)]
//! struct Crew {
//!     name: Option<String>,
//!     #[select(all)]
//!     members: Vec<Member>,
//! }
//!
//! #[derive(Select)]
//! #[select(on = Person)]
//! struct Member {
//!     id: Id,
//!     #[select(first = 5, all)]
//!     addresses: Vec<Place>,
//! }
//!
//! #[derive(Select)]
//! #[select(on = Address)]
//! struct Place {
//!     city: Option<String>,
//! }
//!
//! # async fn example(client: Client) -> xurrent::Result<()> {
//! let mut crews = client.teams().select::<Crew>().stream();
//! while let Some(crew) = crews.try_next().await? {
//!     println!("{:?} has {} members", crew.name, crew.members.len());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Several calls in one request
//!
//! [`Client::batch`] sends several calls in one request, each with its own result:
//!
//! ```no_run
//! # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
//! let (me, teams) = client.batch((client.me(), client.teams().page_size(10))).await?;
//! println!("{:?} sees {} teams", me?.and_then(|me| me.name), teams?.nodes.len());
//!
//! let all = (client.people().complete(), client.teams().complete());
//! let (people, teams) = client.batch(all).await?;
//! println!("{} people in {} teams", people?.len(), teams?.len());
//! # Ok(())
//! # }
//! ```
//!
//! [`Client::query`] sends a selection on `Query`, however many root fields it has:
//!
//! ```no_run
//! use xurrent::{PersonFilter, Select};
//!
//! #[derive(Select)]
//! #[select(on = Query, variables = Filters)]
//! struct Overview {
//!     me: Option<Name>,
//!     #[select(first = 10, filter = $people)]
//!     people: Vec<Name>,
//! }
//!
//! #[derive(Select)]
//! #[select(on = Person)]
//! struct Name {
//!     name: Option<String>,
//! }
//!
//! struct Filters {
//!     people: PersonFilter,
//! }
//!
//! # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
//! let filters = Filters { people: PersonFilter::new().disabled(false) };
//! let overview = client.query::<Overview>(filters).await?;
//! println!("{:?} sees {} people", overview.me.and_then(|me| me.name), overview.people.len());
//! # Ok(())
//! # }
//! ```
//!
//! [`Client::mutation`] sends a selection on `Mutation`, whose fields the server executes in their order:
//!
//! ```no_run
//! use xurrent::{Id, NoteCreateInput, RequestStatus, RequestUpdateInput, Select};
//!
//! #[derive(Select)]
//! #[select(on = Mutation, variables = Closing)]
//! struct Close {
//!     #[select(input = $note)]
//!     note_create: Option<Noted>,
//!     #[select(input = $request)]
//!     request_update: Option<Updated>,
//! }
//!
//! #[derive(Select)]
//! #[select(on = NoteCreatePayload)]
//! struct Noted {
//!     note: Option<xurrent::Note>,
//! }
//!
//! #[derive(Select)]
//! #[select(on = RequestUpdatePayload)]
//! struct Updated {
//!     request: Option<xurrent::Request>,
//! }
//!
//! struct Closing {
//!     note: NoteCreateInput,
//!     request: RequestUpdateInput,
//! }
//!
//! # async fn example(client: xurrent::Client, id: Id) -> xurrent::Result<()> {
//! let closed = client.mutation::<Close>(Closing {
//!     note: NoteCreateInput::new(&id, "Done."),
//!     request: RequestUpdateInput::new(&id).status(RequestStatus::Completed),
//! });
//! let status = closed.await?.request_update.and_then(|it| it.request).and_then(|it| it.status);
//! println!("{status:?}");
//! # Ok(())
//! # }
//! ```
//!
//! # Mutations
//!
//! A mutation takes one input object. `new` takes the required fields, a setter adds a field, `None` clears
//! one, and unset fields are kept. `serde_json` reads an input from JSON, checked against the schema. A
//! mutation that the server refuses is an [`Error`] with all its reasons.
//!
//! For children of a record, such as addresses, the setter that begins with `new` adds one, or changes the
//! one with an id, and the setter that ends in `to_delete` removes one:
//!
//! ```
//! # use xurrent::{AddressInput, Id, OrganizationUpdateInput};
//! # fn example(id: Id, office: Id, old: Id) -> OrganizationUpdateInput {
//! OrganizationUpdateInput::new(id)
//!     .new_addresses([
//!         AddressInput::new().city("Palo Alto").country("US"),    // one more
//!         AddressInput::new().id(office).city("Zürich").zip(None), // null clears here too
//!     ])
//!     .addresses_to_delete([old])
//! # }
//! ```
//!
//! A mutation whose payload has an `async_query` is finished after its response. [`Client::async_result`]
//! waits for the result.
//!
//! Translations are records: [`TranslationCreateInput`] has the field, the language and the owner,
//! [`Client::translations`] finds them by owner.
//!
//! # Values
//!
//! Enums keep values that the schema did not have when this crate was generated. Decimals keep every digit;
//! [`Json`] keeps the text. `serde_json` writes and reads all records, decimals as texts, so that no other
//! reader rounds them.
//!
//! [`CustomFieldValues`] reads custom fields by id and type, [`CustomFieldPatch`] changes some of them, and
//! filters on them take texts and [`CustomFilterValue`]s. [`RichText`] is a text with images and other
//! files, and [`InlineImage`] finds the images in a record's text.
//!
//! # Files
//!
//! [`Client::upload`] uploads a file to the attachment storage of the account, from a path, from bytes or
//! from a reader, and returns the key that inputs refer to. It checks the rules of the storage before it
//! sends the file. A [`RichTextDraft`] uploads a text with its images and other files.
//!
//! ```no_run
//! # async fn example(client: xurrent::Client, id: xurrent::Id) -> xurrent::Result<()> {
//! use xurrent::{AttachmentInput, NoteCreateInput, Upload};
//!
//! let file = client.upload(Upload::path("report.pdf")).await?;
//! println!("{} has {} bytes", file.name, file.size);
//! let note = NoteCreateInput::new(id, "The report.").attachments([AttachmentInput::new(&file.key)]);
//! client.note_create(note).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Webhooks
//!
//! [`webhook`] verifies and decodes deliveries, handshake included, with any web framework.
//!
//! [`Client::signed_webhook_create`] creates a webhook with a policy that signs its deliveries, and returns
//! a verifier for them. [`Client::webhooks_api`] lists webhooks with the errors of disabled ones, enables
//! and tests them.
//!
//! # Limits
//!
//! The API allows each user 20 requests in 2 seconds, and a number of requests and cost points an hour. A
//! client, with all its clones, keeps the first limit by itself, and waits for the reset when the second is
//! exhausted. [`Client::budget`] returns the remaining limits, [`Client::budgets`] those of each user.
//! [`RetryPolicy`] has the rules for retries, which a mutation has only when it was certainly not executed,
//! and for how long a call waits: 2 minutes by default. [`ClientBuilder::retry`] sets it for the client, and
//! `retry` of a call for that call.
//!
//! ## Several tokens
//!
//! A client with several tokens, from several calls of
//! [`personal_access_token`](ClientBuilder::personal_access_token), which are made in Xurrent under "My
//! profile", and [`client_credentials`](ClientBuilder::client_credentials), distributes its requests, so that
//! three users can send 60 requests in 2 seconds. The limits are those of users:
//! [`shares_limits_of`](ClientBuilder::shares_limits_of) names the user of a token where several tokens are of
//! one. All tokens should have the same scopes: [`Client::check`] returns those that all of them have.
//!
//! Each request is signed with the token that has the most left, weighted by
//! [`pool_weights`](ClientBuilder::pool_weights), among the tokens that can send at once. An exhausted token,
//! or one whose requests the server refuses with status 429, is skipped until its reset; a refused call
//! continues with another token at once, as another attempt. A token that the server does not accept (status
//! 401) is renewed if it is of client credentials. One that is still not accepted has a cooldown of 5 minutes,
//! and one that the token service does not issue one of 30 seconds; the call continues with other tokens,
//! which does not count as an attempt. A call fails when no token is left, or none in the time that it may
//! wait.
//!
//! ## Traces
//!
//! Every call is a span of `tracing` with the operation, the account, the number of attempts, and the status,
//! the cost and the request id of its response; every attempt is an event in it. They have no secrets, and
//! values of variables only with [`ClientBuilder::trace_variables`]. A [`Hook`] gets the same as values, for
//! metrics, and can add headers.
//!
//! [`ClientBuilder::recording`] records all requests and responses, without secrets, for replay in a sandbox.
//!
//! # Errors
//!
//! There is one [`Error`] type. It has a [`kind`](Error::kind), the messages of the server and the request
//! id, and never a secret.

mod client;
mod custom_fields;
#[rustfmt::skip]
mod generated;
mod rich_text;
#[cfg(feature = "webhook")]
mod signed_webhook;

pub use client::{Client, ClientBuilder};
pub use custom_fields::{CustomFieldPatch, CustomFieldValues, CustomFilterValue};
pub use generated::*;
pub use rich_text::{InlineImage, RichText, RichTextDraft};
#[cfg(feature = "webhook")]
pub use signed_webhook::SignedWebhook;
pub use xurrent_derive::Select;
pub use xurrent_platform::webhooks_api;
pub use xurrent_platform::{
    AsyncResult, MemoryTransport, MemoryUpload, NodeId, Region, Stage, Upload, UploadCall, UploadedFile,
};
pub use xurrent_runtime::select::{MAX_NODES, MAX_SELECTION_DEPTH};
pub use xurrent_runtime::{
    Allowance, Attempt, Batch, BatchItem, BatchQuery, Budget, CallEnd, CompleteQuery, Connection,
    ConnectionQuery, Date, Decimal, DecodeError, Error, ErrorKind, Fetch, Filter, GraphQLQuery, GraphQlError,
    Hook, Id, Interface, IntoInput, Json, Leaf, MemoryRequest, Mutation, NodeQuery, OpenEnum, Operation,
    OperationCall, Order, Outcome, Page, PageInfo, PageStream, Partial, Position, Query, RangeFilter,
    RawQuery, RecordStream, Recording, Ref, RequestEnd, RequestStart, Result, RetryPolicy, SecretString,
    Select, TimeOfDay, Timestamp, TokenInfo, Transport, reqwest,
};
#[cfg(feature = "webhook")]
pub use xurrent_webhook as webhook;

/// Names for the expansion of `#[derive(Select)]` and the macros of generated types.
#[doc(hidden)]
pub mod __private {
    pub use xurrent_derive::{select_fields, select_type};
    pub use xurrent_runtime::input::{IntoInput, NonNull, Nullable};
    pub use xurrent_runtime::select::*;
    pub use xurrent_runtime::{
        AllPages, Date, Decimal, DecodeError, Decoder, Field, Id, InputObject, Json, Selection, Table,
        TimeOfDay, Timestamp,
    };
}

/// The snippets of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The snippets of the guides compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/recording.md")]
struct RecordingGuide;

#[cfg(doctest)]
#[doc = include_str!("../../docs/webhooks.md")]
struct WebhooksGuide;
