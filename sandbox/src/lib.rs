//! The Xurrent GraphQL API in a box.
//!
//! A [`Sandbox`] answers GraphQL over HTTP on a loopback socket. It takes the schema of a Xurrent
//! account as an introspection result, judges every document and every variable with
//! `apollo-compiler`, and resolves fields over a deterministic in-memory store that mutations
//! really change. It stands in for the Xurrent server in tests.
//!
//! ```no_run
//! # async fn demo() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = xurrent_sandbox::Sandbox::builder()
//!     .schema_json(std::fs::read_to_string("schema.json")?)
//!     .start()
//!     .await?;
//! println!("{} with token {}", sandbox.graphql_url(), sandbox.token());
//! // ... send requests ...
//! assert!(sandbox.requests().is_empty());
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! [`Engine`] is the same without a socket, for tests that only need documents judged or run.
//!
//! # What it does, and what it does not
//!
//! Everything is driven by the schema: each type with an `id` gets records, each root connection
//! gets paging, filters, views and order, and each mutation named `<record>Create`,
//! `<record>Update` or `<record>Delete` works. What the sandbox cannot do it refuses with a
//! GraphQL error that says so; it never answers with made-up success.
//!
//! * **Paging**: `first` and `last` are 1 to 100, 100 when left out. Cursors name a record, so they
//!   stay good while other records come and go; a cursor of a record that is not in the list is an
//!   error. A document whose nested page sizes multiply to more than 500,000 is refused, or another [number](SandboxBuilder::max_nodes).
//! * **Filters**: see [`Engine::execute`]. Of the 988 filter fields and 54 orders of the public
//!   schema a few dozen names are refused with the reason, such as `mentioningMe`.
//! * **Views**: `all` is everything. `archive` and `trash` go by `lifeCycleState`. Every other view
//!   shows what the own account has that is neither archived, trashed nor erased, and those with
//!   a meaning the record can tell (`managed_by_me`, `assigned_to_my_team`, ...) narrow it down.
//! * **Mutations** follow the names of their input fields: `subject` sets `subject`, `teamId` points
//!   `team` at a record, `teamIds` replaces the connection `teams`, `newWatches` adds to `watches`,
//!   `watchesToDelete` takes away. What is left out stays, null clears, `customFields` are patched
//!   by id, and a `note` becomes a note of the record. Blank required texts and ids of missing or
//!   wrong records come back in the payload's `errors`, and then nothing is changed. An input field
//!   that no query could read back is accepted without effect, though ids in it are checked.
//!   Business rules of the real server (status changes, permissions, calculated targets) are not
//!   enforced. Four mutations have names of their own: `appOfferingPublish` sets `published`,
//!   `knowledgeArticleMarkAsReviewed` takes the article out of the view `needs_review`,
//!   `requestUpdateVisibility` takes the request out of all views but `all` when it is hidden from
//!   the own account, and `discoveredConfigurationItems` is asynchronous.
//! * **Asynchronous work**: `discoveredConfigurationItems` creates and updates the records at once,
//!   but its answer only has an `asyncQuery`. The `resultUrl` in it answers `{}` to the first `GET`
//!   and `{"data": ...}` from the second on, with what the mutation asked for. It takes no
//!   credentials and refuses a request that sends some. The result does not expire.
//! * **Attachments**: `attachmentStorage` hands out permissions to send files to the sandbox, like a
//!   bucket of S3 or like the account's own server: see [`Storage`]. The storage takes what was signed,
//!   as it was signed, and nothing else. An input that names a key under which nothing was uploaded is
//!   refused; name and size of an attachment are those of the upload. The `expiringUrl` of an attachment
//!   leads nowhere.
//! * **https**: the address of the account, [`Sandbox::account_url`], is `https://127.0.0.1` on a port of
//!   its own, with a certificate for `127.0.0.1` and `localhost` from an [authority](Sandbox::root_certificate)
//!   that is made once per process and known to nobody else. Everything that is there over http is there
//!   as well, faults included. All other addresses that the sandbox names are those of http.
//! * **Webhook policies** have any algorithm of the schema. Their names are made up by the sandbox, are
//!   never used again and can stand in an address. The public key is in the answer to
//!   `webhookPolicyCreate` and never shown again; for `none` and HS it is null, and the secret of HS is
//!   told nobody. Another `jwtAlg` makes another key, whose PEM no answer shows: the real server does not
//!   say what it does. The old key stays published as after a rotation. A blank audience, an expiry
//!   that is not positive, a change to an algorithm without a public key under a webhook that uses
//!   discovery, and deleting a policy that a webhook uses come back in the payload's `errors`.
//! * **Signatures**: a policy signs `{"jwt":".."}` with `iss`, `nbf`, `iat`, `jti`, `data`, with `aud` and
//!   `exp` when the policy has an audience and an expiry, and with the real time. The issuer is the account,
//!   or with OpenID Connect discovery the address of the policy below it; only then the header has a
//!   `kid`, the thumbprint of the key by RFC 7638. [`Sandbox::sign_delivery`] signs anything, to be sent
//!   by a test.
//! * **Discovery**: enabled policies with a public key publish `/.well-known/openid-configuration` and a
//!   set of keys below their issuer, for everybody, for an hour, and over https only.
//!   [`Sandbox::rotate_key`] makes a policy sign with another key, [`Sandbox::retire_keys`] takes the
//!   old ones out of the set. [`Fault::on_discovery`] breaks the documents.
//! * **Time** stands at 2025-06-01T00:00:00Z and moves by a second with each mutation, so records
//!   look the same in every run. Only the reset times of the limits are real.
//! * **REST**: webhooks are managed below [`Sandbox::rest_url`] as well: listed page by page, newest
//!   first, with `Link` headers; made, read, changed, removed and tested, by number or id. What is changed
//!   goes through the mutations. A field, a parameter or a value that is not known is refused with status
//!   422; for flags `1`, `T`, `Y`, `TRUE`, `YES` and `ON` are true and everything else is false. Why a
//!   webhook was disabled is told here only. Nothing else of the REST interface is there.
//! * **Recordings** of what a server answered, made by a client of the SDK, are replayed by
//!   [`SandboxBuilder::replay`].
//! * **Webhooks** are told of what happens to records, over HTTP and after it has happened. A new one
//!   first gets `webhook.verify` and no events until its callback was called, or
//!   [`Sandbox::verify_webhook`]; those that are there at the start have not been verified. The
//!   records before and after a mutation are compared: every event of the documentation comes when what
//!   it is about has changed, but for `automation_rule` and `app_instance.secrets-update`, which only
//!   [`Sandbox::test_webhook`] sends. `*.update` comes with every change, also when only a note
//!   or a time entry was added, and an update that changes nothing but `updatedAt` has no event. A record
//!   that is made with a note has `*.create` alone. An entry of the audit trail is a number that
//!   leads nowhere. Every record counts as visible to the account.
//! * **Deliveries**: what is not answered with 2xx within 10 seconds is tried again, ten times at most;
//!   20 failures in a row in more than a week disable the webhook; [`Webhooks`] sets all that. What
//!   was queued for a webhook that was deleted, disabled or led elsewhere is dropped, as is everything
//!   when the sandbox stops. Nobody gets a mail. [`Sandbox::deliveries`] has what was sent,
//!   [`Sandbox::deliveries_settled`] waits, [`Sandbox::delivery_faults`] lets it go wrong, and
//!   [`Sandbox::replay_deliveries`] delivers what was recorded elsewhere. Only addresses of this machine
//!   are taken, unless [`Webhooks::any_address`] says otherwise. An [`Engine`] delivers nothing.
//! * **Limits**: every answer tells how many requests and how much cost are left, of 3,600 and 5,000
//!   an hour, a request costing 1; at zero they begin anew. [`SandboxBuilder::budget`] enforces them
//!   and [`SandboxBuilder::burst`] the limit of requests in a short time, both with status 429. Each
//!   user has limits of their own: the owner of the personal access token, those of
//!   [`SandboxBuilder::user`], and the OAuth client with all its tokens. Token calls count as a
//!   burst by themselves.
//! * **Faults**: [`Sandbox::faults`] lets the next requests meet another status, a cut connection, a
//!   slow or broken body, pages that run in a circle or are too long, and more: see [`Fault`], also
//!   for how to write them down in a file. [`SandboxBuilder::latency`] delays all of them, and
//!   [`SandboxBuilder::max_nodes`] refuses large pages as too costly.
//! * **Credentials**: one personal access token, one OAuth client, one account id. `POST /token`
//!   issues tokens by client credentials, `GET /introspect` tells their scopes. All scopes are
//!   granted unless [`SandboxBuilder::scopes`] says otherwise; a scope is asked for by root fields
//!   and mutations, not by what is read below them.
//! * **Decimals** keep the digits they were sent with, over a socket: `120.50` comes back as
//!   `120.50`, and so do numbers inside custom fields. That holds for variables and for decimals
//!   written as texts; a number written into the document itself goes through 64-bit floating
//!   point, as does everything that passes [`Engine::execute`].
//! * **Drift**: [`SandboxBuilder::drift`] serves a later version of the same schema: further fields,
//!   types, enum values and a root field, with records that use them.
//! * **Value lists** are custom scalars in the schema, whose known values the sandbox has: an input
//!   takes one of them, as a text or in a document also as a bare name, and nothing else.
//!   [`SandboxBuilder::value_lists`] changes them, [`SandboxBuilder::value_lists_as_enums`] serves
//!   enums instead, as a server may do.
//! * **Literals** that do not fit are found before anything is executed. The error has the
//!   extensions and the path through the document that the real server is known to give; its message is
//!   in the style of graphql-ruby, and not read from the server.
//! * **Languages**: `X-Xurrent-Language` with `de`, `fr` or `nl` translates one message, that a text
//!   cannot be blank. Everything else is English.
//! * **Int** is 32 bits wide here, as the GraphQL specification has it, although the Xurrent server
//!   is known to send larger values.

mod async_query;
mod connection;
mod data_object;
mod engine;
mod error;
mod exact_number;
mod fault;
mod filter;
mod form;
mod introspection;
mod limits;
mod literal;
mod model;
mod mutation;
mod node_id;
mod node_limit;
mod oauth;
mod order;
mod path;
mod query_root;
mod relation;
mod replay;
mod sandbox;
mod scalar;
mod schema_evolution;
mod scopes;
mod secret;
mod seed;
mod server;
mod storage;
mod store;
mod tls;
mod value_lists;
mod view;
mod webhook;

pub use engine::Engine;
pub use error::SandboxError;
pub use fault::Fault;
pub use introspection::sdl;
pub use node_id::node_id;
pub use oauth::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET};
pub use sandbox::{DEMO_ACCOUNT, DEMO_TOKEN, Sandbox, SandboxBuilder};
pub use server::RecordedRequest;
pub use storage::{Storage, UploadedFile, content_hash};
pub use webhook::{DeliveryAttempt, DeliveryFault, NotTested, PublicKey, Webhooks};
