//! `#[derive(Select)]` of the Xurrent SDK: selections checked at compile time.
//!
//! Start with [`select_fields!`], which checks a selection. The derive has no schema of its own; macros
//! of the SDK pass it the description of a type, so it serves the SDK of any schema.
//!
//! 1. `#[derive(Select)]` calls `xurrent::__select!`, which holds the names of all types.
//! 2. [`select_type!`] reads `on = Person` and calls `xurrent::__select_Person!`.
//! 3. [`select_fields!`] checks the fields and writes the implementation.
//!
//! Constants in the implementation check the types behind names, which only the compiler can resolve:
//! see `xurrent_runtime::select`.

mod argument;
mod attribute;
mod constant;
mod context;
mod declaration;
mod deprecation;
mod dispatch;
mod fallback;
mod field;
mod implementation;
mod leaf;
mod object;
mod operation;
mod rust_type;
mod schema;
mod suggest;
mod value;
mod variants;

use proc_macro::TokenStream;

/// Derives a selection for a struct, or for an enum on an interface or a union.
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
/// Each field selects a field of the type in `on`, by its Rust name (`requested_for`), its GraphQL name
/// or `rename`. Its type is
///
/// - for a scalar or an enum: the type of the SDK, or your own type that implements `Leaf`; `Option`
///   exactly where the schema allows null, `Vec` for a list;
/// - for an object: another selection, a type of the SDK, which selects its leaf fields, or a `Ref`,
///   which selects the id; also in a `Box`;
/// - for a connection: `Vec` of a selection, or `Connection`, which also has the total and the end of
///   the page. `first` or `last` limits it to 1 to 100 records. A null connection is an error, unless
///   the field is an `Option`. Where the SDK has the connection's own type, because it has more than nodes
///   and pages, a selection on that type takes the data of edges as well.
///
/// The compiler warns at a field, an argument or a value that is deprecated in the schema, with the schema's reason;
/// `#[allow(deprecated)]` on the field or the struct hides the warning.
///
/// A selection is not generic and does not contain itself. Names of fields are sent as response keys:
/// they have ASCII letters and begin neither with `__` nor with `xurrent_`.
///
/// # Attributes of a field
///
/// | attribute | meaning |
/// | --- | --- |
/// | `rename = "requestedFor"` | the GraphQL name; a field can be selected several times; `__typename` is the name of the object's type |
/// | `required` | null is an error, although the schema allows it; no `Option` |
/// | `default` | null becomes the `Default` of the type; no `Option` |
/// | `flatten` | another selection on the same type, with all its fields |
/// | `all` | all records of a connection; see below |
/// | `first = 20`, any other name | an argument: a number, a text, `true`, `null`, an enum value, a list of them, or in an operation a variable `$name` |
/// | `arguments(default = 1)` | arguments with the name of an attribute |
///
/// # Attributes of the type
///
/// | attribute | meaning |
/// | --- | --- |
/// | `on = Request` | the GraphQL name of the type |
/// | `variables = MyVariables` | with `on = Query` or `on = Mutation`: a struct whose fields are the variables |
/// | `exhaustive` | an enum without a fallback: a type that is new to the schema is an error |
/// | `crate = path` | the path of the SDK, by default `xurrent` |
///
/// # All pages of a connection
///
/// `first = 20` selects the first 20 records of a nested connection, `all` selects all of them:
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
/// The first request fetches `first` records of each connection, by default 100. The client fetches the
/// remaining pages of each record through `node(id:)`, in order, before it returns the record: 100
/// records per page, up to 10 connections per request, four requests at a time. A response that needs
/// more than 1,000 further requests is an error. A `Connection` then has no next page; its total is that
/// of the first page.
///
/// `all` works for all records with an id: at any depth, in flattened selections, variants, streams,
/// operations, batches and payloads. If a page cannot be fetched, the call fails with
/// `ErrorKind::Incomplete`, which names the connection and its record; a mutation was executed then.
/// `Error::partial_data` has the data so far. With `allow_partial`, errors of further pages join the
/// other errors, and `has_next_page` of the incomplete connection stays true.
///
/// # Interfaces and unions
///
/// A selection on one is an enum with a variant per concrete type, named like the type or with
/// `rename`, each with a selection on it. `#[select(other)]` marks the variant for other types: it is
/// empty, or holds the name of the type as a `String`. A struct can select the fields of the interface
/// itself.
#[proc_macro_derive(Select, attributes(select))]
pub fn select(input: TokenStream) -> TokenStream {
    output(dispatch::derive(input.into()))
}

/// Dispatches to the macro of the selected type. Called by `xurrent::__select!`.
#[doc(hidden)]
#[proc_macro]
pub fn select_type(input: TokenStream) -> TokenStream {
    output(dispatch::select_type(input.into()))
}

/// Checks and implements a selection. Called by `xurrent::__select_Person!` and similar macros.
#[doc(hidden)]
#[proc_macro]
pub fn select_fields(input: TokenStream) -> TokenStream {
    output(implementation::select_fields(input.into()))
}

fn output(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(syn::Error::into_compile_error).into()
}
