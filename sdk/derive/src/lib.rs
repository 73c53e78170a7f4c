//! `#[derive(Select)]` of the Xurrent SDK.
//!
//! The derive knows no schema. It hands the user's type to a macro of the SDK, which hands it on,
//! with a description of the type that is selected on, to [`select_fields!`]. So the derive cannot
//! disagree with the SDK that it is used with, and serves an SDK of any schema.
//!
//! 1. `#[derive(Select)]` calls `xurrent::__select!`, which knows the names of all types.
//! 2. [`select_type!`] looks for `on = Person` and calls `xurrent::__select_Person!`.
//! 3. [`select_fields!`] checks the fields and writes the implementation.
//!
//! What only the compiler knows, the types behind the names that a user writes, is checked by
//! constants in that implementation: see `xurrent_runtime::select`.

mod all;
mod argument;
mod attribute;
mod context;
mod declaration;
mod field;
mod implementation;
mod object;
mod operation;
mod schema;
mod stage;
mod stub;
mod variants;

use proc_macro::TokenStream;

/// Makes a struct a selection: what to ask of the server, and what comes back. An enum is a
/// selection on an interface or a union.
///
/// ```ignore
/// #[derive(Select)]
/// #[select(on = Request)]
/// struct Ticket {
///     id: Id,
///     subject: Option<String>,
///     #[select(rename = "requestedFor")]
///     requester: Option<Requester>,
///     #[select(first = 20)]
///     notes: Vec<NoteLine>,
/// }
/// ```
///
/// Every field is a field of the type that `on` names, in Rust's spelling (`requested_for` or
/// `requestedFor`) or with `rename`. Its type is
///
/// - for a scalar or an enum: the type that the SDK has for it, or one of yours that implements
///   `Leaf`; `Option` exactly where the schema allows null, `Vec` where it has a list;
/// - for an object: another selection, or a type of the SDK, which selects all its leaf fields, or
///   a `Ref` to one, which selects its id; a `Box` of any of them;
/// - for a connection: `Vec` of a selection, or `Connection` of one, which also has the total and
///   the end of the page. `first` or `last` says how many records, 1 to 100. A connection that is
///   null is an error, unless there is an `Option` around it.
///
/// A selection has no parameters and does not contain itself, so that it is one document. The
/// name of a field is sent as well: it has ASCII letters, and begins neither with `__` nor with
/// `xurrent_`.
///
/// # Attributes of a field
///
/// | attribute | meaning |
/// | --- | --- |
/// | `rename = "requestedFor"` | the schema's name, where the field is called otherwise; the same field can be selected more than once; `rename = "__typename"` is the name of the object's type |
/// | `required` | null is an error here, although the schema allows it; no `Option` |
/// | `default` | null is the `Default` of the type; no `Option` |
/// | `flatten` | another selection on the same type, all of whose fields are selected as well |
/// | `all` | of a connection: all its records, not only the first; see below |
/// | `first = 20`, any other name | an argument of the schema's field: a number, a text, `true`, `null`, a value of an enum, a list of them, or in an operation a variable `$name` |
/// | `arguments(default = 1)` | arguments that are called like one of these attributes |
///
/// # Attributes of the type
///
/// | attribute | meaning |
/// | --- | --- |
/// | `on = Request` | the type of the schema, by its GraphQL name |
/// | `variables = MyVariables` | with `on = Query` or `on = Mutation`: a struct whose fields are the variables |
/// | `exhaustive` | of an enum: it has no fallback, so that a type that is new to the schema is an error |
/// | `crate = path` | where the SDK is, when it is not called `xurrent` |
///
/// # Connections of which all is wanted
///
/// `first = 20` takes the first 20 records of a nested connection and leaves the rest. With `all`,
/// nothing is left out:
///
/// ```ignore
/// #[derive(Select)]
/// #[select(on = Request)]
/// struct Ticket {
///     subject: Option<String>,
///     #[select(all)]
///     notes: Vec<NoteLine>,
///     #[select(first = 5, all)]
///     watches: Connection<Watcher>,
/// }
/// ```
///
/// Each record brings as many as `first` says, 100 when it says nothing; where there are more, the
/// rest is fetched before the record is handed out, through `node(id:)` of the record, in order, and
/// for each record from where its own list ended. It costs no request where the first page was enough,
/// otherwise one for every 100 further records of a list; one request goes on with the lists of up to
/// 10 records, four are under way at once, and an answer that needs more than 1,000 is an error. A
/// `Connection` then says that there is no next page; its total is that of the first page, and can
/// differ from what was fetched while records come and go.
///
/// It works wherever the record can be fetched by its id: at any depth, inside of other lists of
/// which all is wanted, in flattened selections and in variants, in streams, single calls, operations
/// of your own, batches and the payloads of mutations. If what is missing cannot be fetched, the
/// call fails with `ErrorKind::Incomplete`, which names the list and its record; a mutation was executed
/// then. What came before is in `Error::partial_data`. Where errors beside data are allowed
/// (`allow_partial`), those of the further pages are put to the others, and a list that such an error
/// ended says so: its `has_next_page` stays true.
///
/// # Interfaces and unions
///
/// A selection on one is an enum with a variant for each concrete type of interest, called like
/// the type or with `rename`, each holding a selection on it. `#[select(other)]` marks the variant
/// for all other types: it is empty, or holds a `String` for the name of the type. A struct can
/// select the fields that an interface itself has.
#[proc_macro_derive(Select, attributes(select))]
pub fn select(input: TokenStream) -> TokenStream {
    stage::derive(input.into()).into()
}

/// Finds out which type is selected on. Called by `xurrent::__select!`.
#[doc(hidden)]
#[proc_macro]
pub fn select_type(input: TokenStream) -> TokenStream {
    stage::select_type(input.into()).into()
}

/// Checks a selection and implements it. Called by `xurrent::__select_Person!` and its likes.
#[doc(hidden)]
#[proc_macro]
pub fn select_fields(input: TokenStream) -> TokenStream {
    implementation::select_fields(input.into()).into()
}
