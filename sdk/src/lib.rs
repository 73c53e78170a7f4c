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
//! Several root fields in one request are a struct on `Query` or `Mutation`, sent with
//! [`Client::query`] and [`Client::mutation`]; several calls are put into one with [`Client::batch`].
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
//! [`CustomFieldPatch`]. A text with images and other files is written with [`RichText`], and the
//! images in a record's text are found with [`InlineImage`].
//!
//! # Webhooks
//!
//! [`webhook`] verifies and reads what Xurrent posts to an address of yours, handshake included,
//! whatever the web framework.
//!
//! # Limits
//!
//! The API allows 20 requests in 2 seconds, and so many requests and cost points an hour, for each
//! user. A client, with all its clones, keeps within the first limit by itself, and waits when the
//! server has said that nothing is left of the second: [`Client::budget`] tells how much there is.
//! [`RetryPolicy`] has the rules for requests that are sent again, which a mutation is only when it
//! was certainly not executed, and for how long a call waits: 2 minutes unless you say otherwise,
//! for the client with [`ClientBuilder::retry`] or for one call with its `retry`.
//!
//! Every call is a span of `tracing` with the name of the operation, the account, the number of
//! attempts, and the status, the cost and the request id of its answer; every attempt is an event in
//! it. Values of variables and secrets are in none of them.
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

pub use client::{Client, ClientBuilder};
pub use custom_fields::{CustomFieldPatch, CustomFieldValues};
pub use generated::*;
pub use rich_text::{InlineImage, RichText};
pub use xurrent_derive::Select;
pub use xurrent_runtime::select::{MAX_NODES, MAX_SELECTION_DEPTH};
pub use xurrent_runtime::webhook;
pub use xurrent_runtime::{
    Allowance, Attempt, Batch, BatchItem, BatchQuery, Budget, Connection, ConnectionQuery, Date, Decimal,
    DecodeError, Error, ErrorKind, Fetch, Filter, GraphQLQuery, GraphQlError, Id, Interface, IntoInput, Json,
    Leaf, MemoryRequest, MemoryTransport, Mutation, NodeId, NodeQuery, OpenEnum, Operation, OperationCall,
    Order, Page, PageInfo, PageStream, Partial, Query, RangeFilter, RawQuery, RecordStream, Ref, Region,
    Result, RetryPolicy, SecretString, Select, Stage, TimeOfDay, Timestamp, TokenInfo, Transport,
};

/// What the expansion of `#[derive(Select)]` and the macros beside the generated types refer to.
#[doc(hidden)]
pub mod __private {
    pub use xurrent_derive::{select_fields, select_type};
    pub use xurrent_runtime::input::{IntoInput, NonNull, Nullable};
    pub use xurrent_runtime::select::*;
    pub use xurrent_runtime::{
        Date, Decimal, DecodeError, Decoder, Field, Id, InputObject, Json, Selection, Table, TimeOfDay,
        Timestamp,
    };
}

/// The snippets of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
