//! Differences beside names and types: pages, errors of payloads, kinds of inputs, directives, specifications.

use super::change::{ChangeKind, Deployed, Severity};
use super::class::{self, Class};
use super::surface::{Item, Place, Role};
use std::collections::BTreeSet;

/// A kind of change with its summary and its class.
type Found = Option<(ChangeKind, String, Class)>;

/// A root field that became a stream of pages, or is no longer one.
pub(super) fn pages(old: &Item<'_>, new: &Item<'_>) -> Found {
    let is_function = |item: &Item<'_>| item.rust.place == Place::Function;
    if !is_function(old) || !is_function(new) || old.rust.pages == new.rust.pages {
        return None;
    }
    let (summary, class) = match (&old.rust.pages, &new.rust.pages) {
        (None, _) => (
            "is a stream of pages",
            Class::breaking(Deployed::Works, "does not compile: the function returns a query of pages")
                .instead("`.stream()` or `.page(..)`"),
        ),
        (_, None) => (
            "is no stream of pages any more",
            Class::breaking(
                Deployed::Fails,
                "does not compile: the function returns the value; older programs ask for pages",
            ),
        ),
        (_, Some(true)) => ("has a total count", Class::safe("`count` is there now")),
        (_, Some(false)) => (
            "has no total count any more",
            Class::breaking(Deployed::Fails, "`count` does not compile, and the server refuses it")
                .instead("`.all()`, and the length of what it returns"),
        ),
    };
    Some((ChangeKind::ConnectionChanged, summary.to_owned(), class))
}

/// Another list of errors in the payload of a mutation.
pub(super) fn errors(old: &Item<'_>, new: &Item<'_>) -> Found {
    if old.rust.errors == new.rust.errors {
        return None;
    }
    let (summary, class) = match (&old.rust.errors, &new.rust.errors) {
        (None, _) => (
            "has errors in its payload",
            Class::breaking(
                Deployed::Changes,
                "they are an `Error` of the call, and the payload is never null; older programs ignore them",
            ),
        ),
        (_, None) => (
            "has no errors in its payload any more",
            Class::breaking(
                Deployed::Fails,
                "the payload can be null; older programs select the errors, which the server refuses",
            ),
        ),
        (Some(was), Some(is)) if was.split(' ').all(|part| is.split(' ').any(|it| it == part)) => {
            ("has more in the errors of its payload", Class::safe("errors have what they had"))
        }
        _ => (
            "has other errors in its payload",
            Class::new(
                Severity::Behavioural,
                Deployed::Fails,
                "older programs select parts of errors that may be gone",
            ),
        ),
    };
    Some((ChangeKind::PayloadErrorsChanged, summary.to_owned(), class))
}

/// What holds for the whole API.
pub(super) fn convention(name: &str, was: &str, is: &str) -> Class {
    // Without a limit, there is no number.
    let limit = |text: &str| text.parse().unwrap_or(u64::MAX);
    match name {
        "max_page_size" | "max_nodes" if limit(is) < limit(was) => {
            Class::breaking(Deployed::Works, "a selection of more records than that does not compile")
        }
        "max_page_size" => {
            Class::new(Severity::Behavioural, Deployed::Works, "pages without a size have this one")
        }
        "max_nodes" => Class::safe("selections of more records compile"),
        _ => Class::new(Severity::Behavioural, Deployed::Works, "the SDK sends other requests"),
    }
}

/// What only some kinds of items have.
pub(super) fn detail(old: &Item<'_>, new: &Item<'_>) -> Found {
    if old.detail == new.detail {
        return None;
    }
    Some(match new.role {
        Role::Input => input(old, new),
        Role::Directive => {
            let was: BTreeSet<&str> = old.detail.split(' ').collect();
            let is_less = was.iter().any(|part| !new.detail.split(' ').any(|it| it == *part));
            let class = match is_less && class::is_executable(&old.detail) {
                true => Class::breaking(
                    Deployed::Fails,
                    "documents of your own that use it there are refused; generated calls do not use it",
                ),
                false => Class::safe("it can be used where it was"),
            };
            (ChangeKind::DirectiveChanged, format!("is {}, was {}", new.detail, old.detail), class)
        }
        Role::Enum => {
            let class = match new.is_constant {
                true => Class::breaking(
                    Deployed::Fails,
                    "constants in selections are written otherwise: names for an enum, texts for a scalar",
                ),
                false => Class::safe("it is the same enum in Rust"),
            };
            (ChangeKind::TypeKindChanged, format!("is {}, was {}", new.detail, old.detail), class)
        }
        _ => {
            let or_none = |text: &str| if text.is_empty() { "none".to_owned() } else { format!("`{text}`") };
            let summary = format!("specification is {}, was {}", or_none(&new.detail), or_none(&old.detail));
            (ChangeKind::SpecificationChanged, summary, Class::safe("documentation only"))
        }
    })
}

fn input(old: &Item<'_>, new: &Item<'_>) -> (ChangeKind, String, Class) {
    let summary = format!("is {}, was {}", input_kind(new), input_kind(old));
    if old.detail == "oneOf" {
        let reason = "does not compile: it is made with `new` and functions that set fields";
        (ChangeKind::OneOfChanged, summary, Class::breaking(Deployed::Works, reason))
    } else if new.detail == "oneOf" {
        let reason =
            "does not compile: a function for each field makes it; the server takes exactly one field";
        let class = Class::breaking(Deployed::Fails, reason);
        let instead = format!("`{}::field(..)`, with the one field", new.rust_name());
        (ChangeKind::OneOfChanged, summary, class.instead(instead))
    } else {
        let reason = "does not compile: another type of Rust stands for inputs of this shape";
        (ChangeKind::TypeKindChanged, summary, Class::breaking(Deployed::Works, reason))
    }
}

fn input_kind(item: &Item<'_>) -> &'static str {
    match item.detail.as_str() {
        "oneOf" => "an input of exactly one field",
        "order" => "an order",
        "filter" => "a filter",
        _ => "an input",
    }
}
