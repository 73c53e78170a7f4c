//! Rust names for GraphQL names. The rules are in the documentation of the crate.

use crate::Error;
use heck::{ToSnakeCase, ToUpperCamelCase};
use std::collections::{BTreeMap, BTreeSet};

/// Types of Rust's prelude and its traits, which generated code or a user's code beside it refers to by a
/// short name.
const PRELUDE: &str = "\
    Arc AsMut AsRef Box Clone Copy Debug Default Drop Eq Err Extend Fn FnMut FnOnce From Hash Into \
    IntoIterator Iterator None Ok Option Ord PartialEq PartialOrd Result Self Send Sized Some String \
    Sync ToOwned ToString TryFrom TryInto Unpin Vec";

/// Types and modules at the root of every generated crate: those of `package/facade.rs.template`.
const FACADE: &str = "\
    Budget Client ClientBuilder Connection ConnectionQuery Date Decimal Error ErrorKind Hook Id IntoInput Json Leaf \
    MemoryTransport Mutation NodeQuery OpenEnum Page PageInfo PageStream Partial Position Prescribed Query \
    RecordStream Recording Ref RetryPolicy SecretString Select TimeOfDay Timestamp";

/// Modules at the root of every generated crate. A module of a record that is called so gets `_` behind its name.
const MODULES: &str = "\
    batch blocking bytes connection error hook http input jiff limits operation preflight reqwest select serde_json \
    subscriptions transport types";

/// Functions of `Client` that are not generated.
const RESERVED_FUNCTIONS: &str = "\
    as_async batch batch_all block_on blocking_call budget budgets builder check clone execute get into \
    mutation new node preflight query raw runtime try_into with_async with_retry";

/// Reserved names of types.
pub(crate) const TYPES: &[&str] = &[PRELUDE, FACADE, MODULES];

/// Reserved names of enum variants: `Unrecognized` keeps a value that the schema does not have.
pub(crate) const VARIANTS: &[&str] = &["Self Unrecognized"];

/// Reserved names of root fields.
pub(crate) const FUNCTIONS: &[&str] = &[RESERVED_FUNCTIONS];

/// Reserved names of input fields and arguments: `new`, and what would stand before a method of a trait
/// that Rust code calls by name.
pub(crate) const SETTERS: &[&str] = &["clone new"];

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

/// The Rust names that are given out within one scope, each with the path in the schema of what
/// has it.
pub(crate) struct Scope<'c> {
    taken: BTreeMap<String, String>,
    /// Names between spaces.
    reserved: &'static [&'static str],
    /// Names that the configuration reserves.
    also: Option<&'c BTreeSet<String>>,
}

impl<'c> Scope<'c> {
    /// A scope in which keywords and the names of these lists are reserved.
    pub(crate) fn new(reserved: &'static [&'static str]) -> Self {
        Self { taken: BTreeMap::new(), reserved, also: None }
    }

    /// The same scope, with names that the configuration reserves.
    pub(crate) fn also(self, names: &'c BTreeSet<String>) -> Self {
        Self { also: Some(names), ..self }
    }

    fn is_reserved(&self, name: &str) -> bool {
        KEYWORDS.contains(&name)
            || self.also.is_some_and(|names| names.contains(name))
            || self.reserved.iter().flat_map(|names| names.split(' ')).any(|reserved| reserved == name)
    }

    /// A name, or another one where that is reserved.
    fn free(&self, name: String) -> String {
        if self.is_reserved(&name) { format!("{name}_") } else { name }
    }

    /// Keeps contested names from everything.
    pub(crate) fn block(&mut self, contested: &BTreeMap<String, String>) {
        let names = contested.iter().map(|(name, path)| (self.free(name.clone()), path.clone()));
        let names: Vec<_> = names.collect();
        self.taken.extend(names);
    }

    /// Gives `name`, or `name_` where that is reserved, to what is at `path`. Of two that would have
    /// the same name none has a right to it: whichever had, code that was written for a schema with
    /// the other one alone would come to mean it.
    pub(crate) fn take(&mut self, path: &str, name: String) -> Result<String, Error> {
        let name = self.free(name);
        match self.taken.insert(name.clone(), path.to_owned()) {
            None => Ok(name),
            Some(first) => Err(Error::Collision { first, second: path.to_owned(), name }),
        }
    }

    /// Gives the name that the configuration prescribes for what is at `path`.
    pub(crate) fn rename(&mut self, path: &str, name: &str) -> Result<String, Error> {
        let reason = if !is_identifier(name) {
            "that is no identifier"
        } else if self.is_reserved(name) || self.taken.contains_key(name) {
            "that name is reserved or taken"
        } else {
            self.taken.insert(name.to_owned(), path.to_owned());
            return Ok(name.to_owned());
        };
        Err(Error::Config(format!("renames `{path}` to `{name}`: {reason}")))
    }
}

/// The names that several paths would have, with one of these paths: none of them gets it.
pub(crate) fn contested(names: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut seen = BTreeSet::new();
    names.into_iter().filter(|(name, _)| !seen.insert(name.clone())).collect()
}

/// Whether a name is no upper camel case, which the compiler warns of where a type or a variant is declared.
pub(crate) fn is_unusual(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase()) || name.trim_matches('_').contains('_')
}

/// The name of a type. It has a capital letter, so that no module, function or argument is called like it.
pub(crate) fn type_name(name: &str) -> String {
    between_underscores(name, |middle| or_value(middle.to_upper_camel_case()))
}

/// A name with a suffix, before the underscores at its end: upper camel case has none in the middle.
pub(crate) fn with_suffix(name: &str, suffix: &str) -> String {
    let stem = name.trim_end_matches('_');
    format!("{stem}{suffix}{}", &name[stem.len()..])
}

/// The name of a field, an argument or a function.
pub(crate) fn snake(name: &str) -> String {
    let snake = between_underscores(name, str::to_snake_case);
    match snake.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("value_{snake}"),
        Some(_) if snake.bytes().any(|byte| byte != b'_') => snake,
        _ => "value".to_owned(),
    }
}

/// Converts what stands between the underscores at both ends, which Rust allows: so `_id` is not
/// `id`.
fn between_underscores(name: &str, convert: impl Fn(&str) -> String) -> String {
    let rest = name.trim_start_matches('_');
    let middle = rest.trim_end_matches('_');
    let (start, end) = (&name[..name.len() - rest.len()], &rest[middle.len()..]);
    format!("{start}{}{end}", convert(middle))
}

/// The longest name that a file of a record or a document can have, so that its temporary file can
/// be written everywhere as well.
const MAX_FILE_NAME: usize = 200;

/// The name of a file without its extension: snake case, and none that Windows keeps for itself.
pub(crate) fn file(name: &str) -> Result<String, Error> {
    let mut file = snake(name);
    if DEVICES.contains(&file.as_str()) || KEYWORDS.contains(&file.as_str()) {
        file.push('_');
    }
    match file.len() {
        ..=MAX_FILE_NAME => Ok(file),
        letters => Err(Error::LongName { name: name.to_owned(), letters, most: MAX_FILE_NAME }),
    }
}

/// The name of the module of a record, and of its file: none that the root of a crate has.
pub(crate) fn module(name: &str) -> Result<String, Error> {
    let mut module = file(name)?;
    if MODULES.split(' ').any(|reserved| reserved == module) {
        module.push('_');
    }
    Ok(module)
}

/// The name of an enum variant.
pub(crate) fn variant(value: &str) -> String {
    let ascii = |c: char| if c.is_ascii_alphanumeric() { c } else { ' ' };
    or_value(value.chars().map(ascii).collect::<String>().to_upper_camel_case())
}

fn or_value(name: String) -> String {
    match name.chars().find(|c| *c != '_') {
        None => "Value".to_owned(),
        Some(_) if name.starts_with(|first: char| first.is_ascii_digit()) => format!("Value{name}"),
        Some(_) => name,
    }
}

/// The one of `known` that someone who wrote `name` most likely meant.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    const LIKELY: f64 = 0.6;
    let likeness = |known: &str| {
        strsim::normalized_damerau_levenshtein(&name.to_ascii_lowercase(), &known.to_ascii_lowercase())
    };
    let likely = known.map(|known| (likeness(known), known)).filter(|(likeness, _)| *likeness >= LIKELY);
    likely.max_by(|left, right| left.0.total_cmp(&right.0)).map(|(_, known)| known)
}

/// Whether an override can be used as a Rust identifier.
pub(crate) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&name)
        && name != "Self"
}
