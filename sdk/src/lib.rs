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
//! Every root field of the schema is a function of [`Client`]. One that is a connection returns a
//! [`ConnectionQuery`], with `view`, `filter` and `order` where the schema has them, and ends in
//! `stream`, `pages`, `all`, `first` or `count`. Every other one is awaited.
//!
//! A stream fetches the next page while you are busy with one, at most one ahead, on the Tokio runtime
//! that it is polled in; [`prefetch`](ConnectionQuery::prefetch) turns that off. The streams of one
//! client share its limits fairly. When the server refuses a page as too costly, it is asked for again
//! in half the size, and a warning of `tracing` says so.
//!
//! Where a stream stands is a [`Position`], a short text: keep it, and after a crash the stream goes
//! on there, without a record lost or doubled.
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
//!     println!("{} requests", page.nodes.len()); // what is to be done with them, and then:
//!     std::fs::write("requests.position", pages.position().to_string())?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A record comes with all its leaf fields. Records that it refers to come as [`Ref`], to be
//! fetched with [`Client::get`]; connections of a record are not fetched.
//!
//! # Selections
//!
//! `#[derive(Select)]` makes a struct of yours what is fetched instead: its fields are asked for and
//! nothing else, and the compiler checks them against the schema. [The derive](derive@Select)
//! describes all its forms, [`Leaf`] how types of your own hold scalars and enums; with the features
//! `chrono` and `time` theirs do.
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
//! What a selection asks for is known when it is compiled: `Ticket::NODES` is 21, one request and 20
//! notes, so that a page of 100 asks for 2,100 of the 500,000 nodes that the API allows in one
//! request. A struct that asks for more by itself does not compile; a page is made as large as fits.
//! [`Select`] has the rules.
//!
//! `first` takes the first records of a nested connection. `#[select(all)]` takes all of them, in
//! order: what is behind the first page is fetched before the record is handed out, for each record
//! by itself, and what cannot be fetched is an error ([`ErrorKind::Incomplete`]), never a shorter list.
//! It costs no request where the first page was enough, and otherwise one for each further 100 records
//! of a list, or for those of up to 10 lists.
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
//! A mutation takes one input object. `new` takes what the schema requires, a setter adds a field,
//! `None` clears one, and what is not set stays as it is. An input can also be read from JSON with
//! `serde_json`, checked against the schema. A mutation that the server refuses is an [`Error`]
//! with all its reasons.
//!
//! Children of a record, such as addresses, are added with the setter that begins with `new`,
//! changed with the same setter by their id, and removed with the one that ends in `to_delete`:
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
//! A mutation whose payload has an `async_query` goes on after its answer; its result is fetched with
//! [`Client::async_result`].
//!
//! Translations are records: [`TranslationCreateInput`] names the field, the language and the
//! owner, [`Client::translations`] finds them by owner.
//!
//! # Values
//!
//! Enums keep values that the schema did not have when this crate was generated. Decimals keep
//! every digit; [`Json`] keeps the text. Every record can be written and read with `serde_json`;
//! decimals are written as texts, so that no reader in between can round them.
//!
//! Custom fields are read by id and type with [`CustomFieldValues`], and changed one by one with a
//! [`CustomFieldPatch`]; filters on them take texts and [`CustomFilterValue`]s. A text with images and
//! other files is written with [`RichText`], and the images in a record's text are found with
//! [`InlineImage`].
//!
//! # Files
//!
//! [`Client::upload`] brings a file to the account's attachment storage, from a path, from bytes or from
//! anything that can be read, and gives the key that an input names it by. What the storage would not
//! take is found before the file is sent. A text and its images and other files are uploaded in one
//! step with a [`RichTextDraft`].
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
//! [`webhook`] verifies and reads what Xurrent posts to an address of yours, handshake included,
//! whatever the web framework.
//!
//! [`Client::signed_webhook_create`] makes a webhook with a policy that signs its deliveries, and hands
//! back a verifier for them. [`Client::webhooks_api`] tells which webhooks there are and why one was
//! disabled, switches it on again, and tests it.
//!
//! # Limits
//!
//! The API allows 20 requests in 2 seconds, and so many requests and cost points an hour, for each
//! user. A client, with all its clones, keeps within the first limit by itself, and waits when the
//! server has said that nothing is left of the second: [`Client::budget`] tells how much there is, and
//! [`Client::budgets`] how much each user has.
//! [`RetryPolicy`] has the rules for requests that are sent again, which a mutation is only when it
//! was certainly not executed, and for how long a call waits: 2 minutes unless you say otherwise,
//! for the client with [`ClientBuilder::retry`] or for one call with its `retry`.
//!
//! ## Several tokens
//!
//! A client that is given several tokens, with more calls of
//! [`personal_access_token`](ClientBuilder::personal_access_token) and
//! [`client_credentials`](ClientBuilder::client_credentials), spreads its requests over them, so that
//! three users can send 60 requests in 2 seconds. The limits are the users', so say it when tokens
//! are of one user, with [`shares_limits_of`](ClientBuilder::shares_limits_of). All tokens should have the same scopes:
//! [`Client::check`] tells what all of them may do.
//!
//! Each request is signed with the token of which the most is left, 0.6 for requests and 0.4 for cost
//! points unless [`pool_weights`](ClientBuilder::pool_weights) says otherwise, among the tokens that
//! can send at once. One that is used up, or whose requests the server refuses with status 429,
//! is passed over until its reset; a call that was refused goes on with another one at once, as one
//! more attempt. One that the server does not accept (status 401) is renewed when it is of client
//! credentials; one that is still not accepted is passed over for 5 minutes, and one that the token
//! service does not issue for 30 seconds, while the call goes on with others, which costs it no attempt.
//! A call fails, as with a single token, when there is none left, or none in the time that it may wait.
//!
//! ## Traces
//!
//! Every call is a span of `tracing` with the name of the operation, the account, the number of
//! attempts, and the status, the cost and the request id of its answer; every attempt is an event in
//! it. Secrets are in none of them, and values of variables only after
//! [`ClientBuilder::trace_variables`]. A [`Hook`] is told the same as values, to count and to measure,
//! and can add headers.
//!
//! [`ClientBuilder::recording`] writes all that travels to a file, without secrets, which a sandbox can
//! replay.
//!
//! # Errors
//!
//! There is one [`Error`] type. It has a [`kind`](Error::kind), the server's words, the request id,
//! and never a secret.

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
#[cfg(feature = "webhook")]
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

/// What the expansion of `#[derive(Select)]` and the macros beside the generated types refer to.
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
