//! Rust names for GraphQL names. The rules are in the documentation of the crate.

use heck::{ToSnakeCase, ToUpperCamelCase};
use std::collections::BTreeSet;

/// The variant that keeps a value the schema does not have.
pub(crate) const FALLBACK_VARIANT: &str = "Unrecognized";

/// Types that generated code or a user's code beside it refers to by a short name: the prelude of
/// Rust, its primitive types' traits, and what the facade of the SDK exports.
const RESERVED_TYPES: &[&str] = &[
    "Arc",
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Drop",
    "Eq",
    "Err",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "Hash",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
    // The facade, with what is planned for it.
    "Allowance",
    "AsyncResult",
    "Attempt",
    "Batch",
    "BatchItem",
    "BatchQuery",
    "Budget",
    "CallEnd",
    "Client",
    "ClientBuilder",
    "CompleteQuery",
    "Connection",
    "ConnectionQuery",
    "CustomFieldPatch",
    "CustomFieldValues",
    "CustomFilterValue",
    "Date",
    "Decimal",
    "DecodeError",
    "Error",
    "ErrorKind",
    "Fetch",
    "Filter",
    "GraphQLQuery",
    "GraphQlError",
    "Hook",
    "Id",
    "InlineImage",
    "Interface",
    "IntoInput",
    "Json",
    "Leaf",
    "MAX_NODES",
    "MAX_SELECTION_DEPTH",
    "MemoryRequest",
    "MemoryTransport",
    "MemoryUpload",
    "Mutation",
    "NodeId",
    "NodeQuery",
    "OpenEnum",
    "Operation",
    "OperationCall",
    "Order",
    "Outcome",
    "Page",
    "PageInfo",
    "PageStream",
    "Partial",
    "Position",
    "Query",
    "RangeFilter",
    "RawQuery",
    "RecordStream",
    "Recording",
    "Ref",
    "Region",
    "RequestEnd",
    "RequestStart",
    "RetryPolicy",
    "RichText",
    "RichTextDraft",
    "SecretString",
    "Select",
    "SignedWebhook",
    "Stage",
    "TimeOfDay",
    "Timestamp",
    "TokenInfo",
    "Transport",
    "Upload",
    "UploadCall",
    "UploadedFile",
    "reqwest",
    "webhook",
    "webhooks_api",
];

/// Functions of `Client` that are not generated.
const RESERVED_FUNCTIONS: &[&str] = &[
    "account_id",
    "async_result",
    "batch",
    "budget",
    "budgets",
    "builder",
    "check",
    "clone",
    "execute",
    "get",
    "mutation",
    "new",
    "node",
    "query",
    "raw",
    "runtime",
    "signed_webhook_create",
    "upload",
    "webhook",
    "webhooks_api",
    "with_retry",
];

/// Functions of an input object that are not setters.
const RESERVED_SETTERS: &[&str] = &["clone", "new"];

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual",
    "where", "while", "yield",
];

/// Names that Windows keeps for devices, whatever the extension.
const DEVICES: &[&str] = &[
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// The Rust names that are given out within one scope.
pub(crate) struct Scope {
    taken: BTreeSet<String>,
    reserved: &'static [&'static str],
    separator: &'static str,
}

impl Scope {
    pub(crate) fn types() -> Self {
        Self::new(RESERVED_TYPES, "")
    }

    pub(crate) fn variants() -> Self {
        Self::new(&["Self", FALLBACK_VARIANT], "")
    }

    pub(crate) fn functions() -> Self {
        Self::new(RESERVED_FUNCTIONS, "_")
    }

    pub(crate) fn setters() -> Self {
        Self::new(RESERVED_SETTERS, "_")
    }

    pub(crate) fn fields() -> Self {
        Self::new(&[], "_")
    }

    pub(crate) fn files() -> Self {
        Self::new(DEVICES, "_")
    }

    fn new(reserved: &'static [&'static str], separator: &'static str) -> Self {
        Self { taken: BTreeSet::new(), reserved, separator }
    }

    /// Gives out `name`, or the first free variation of it.
    pub(crate) fn take(&mut self, name: String) -> String {
        let mut name = name;
        if KEYWORDS.contains(&name.as_str()) || self.reserved.contains(&name.as_str()) {
            name.push('_');
        }
        let mut candidate = name.clone();
        let mut number = 2;
        while self.taken.contains(&candidate) {
            candidate = format!("{}{}{number}", name.trim_end_matches('_'), self.separator);
            number += 1;
        }
        self.taken.insert(candidate.clone());
        candidate
    }

    /// Gives out exactly `name`; false when it is reserved or taken.
    pub(crate) fn take_exactly(&mut self, name: &str) -> bool {
        let free = !KEYWORDS.contains(&name) && !self.reserved.contains(&name);
        free && self.taken.insert(name.to_owned())
    }
}

/// The name of a type: as it is when that is upper camel case already.
pub(crate) fn type_name(name: &str) -> String {
    if name.starts_with(|first: char| first.is_ascii_uppercase()) && !name.contains('_') {
        return name.to_owned();
    }
    or_value(name.to_upper_camel_case())
}

/// The name of a field, an argument, a function or a file.
pub(crate) fn snake(name: &str) -> String {
    let snake = name.to_snake_case();
    match snake.chars().next() {
        None => "value".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("value_{snake}"),
        Some(_) => snake,
    }
}

/// The name of an enum variant.
pub(crate) fn variant(value: &str) -> String {
    let ascii = |c: char| if c.is_ascii_alphanumeric() { c } else { ' ' };
    or_value(value.chars().map(ascii).collect::<String>().to_upper_camel_case())
}

fn or_value(name: String) -> String {
    match name.chars().next() {
        None => "Value".to_owned(),
        Some(first) if !first.is_alphabetic() => format!("Value{name}"),
        Some(_) => name,
    }
}

/// Whether an override can be used as a Rust identifier.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&name)
        && name != "Self"
}
