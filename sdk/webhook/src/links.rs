//! Links of a delivery, from the header `Link`.

use http::{HeaderMap, header};
use std::borrow::Cow;
use std::sync::OnceLock;
use std::{fmt, slice};
use xurrent_values::link::{self, Link};

/// The links of a delivery.
///
/// They are not signed. Do not send a token to a URL only because it is listed here.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
#[serde(into = "Vec<Link>", from = "Vec<Link>")]
pub struct Links {
    /// The headers, one per line. They are parsed on first use.
    headers: Box<str>,
    links: OnceLock<Vec<Link>>,
}

impl Links {
    /// The record in the user interface.
    #[must_use]
    pub fn canonical(&self) -> Option<&str> {
        self.of("canonical").next()
    }

    /// The record in the REST interface.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        self.of("resource").next()
    }

    /// Other records that the event is about, in the REST interface, such as the note that was added.
    pub fn related(&self) -> impl Iterator<Item = &str> {
        self.of("related")
    }

    /// The URLs with a relation, given in lower case.
    pub fn of<'l>(&'l self, relation: &'l str) -> impl Iterator<Item = &'l str> {
        self.iter().filter(move |link| link.relation == relation).map(|link| link.uri.as_str())
    }

    /// All links, in the order of the header. Parsing a header stops at the first malformed link: a delivery
    /// is valid without links.
    pub fn iter(&self) -> slice::Iter<'_, Link> {
        self.links.get_or_init(|| self.headers.lines().flat_map(link::parse).collect()).iter()
    }

    /// Takes all headers `Link`.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(header::LINK).iter().filter_map(|value| value.to_str().ok());
        let first = values.next().unwrap_or_default();
        // A line feed cannot be part of a header.
        let headers = values.fold(Cow::Borrowed(first), |all, value| all + "\n" + value);
        Self { headers: headers.into(), links: OnceLock::new() }
    }
}

impl From<Links> for Vec<Link> {
    fn from(links: Links) -> Self {
        links.iter().cloned().collect()
    }
}

impl From<Vec<Link>> for Links {
    fn from(links: Vec<Link>) -> Self {
        Self { headers: Box::default(), links: links.into() }
    }
}

impl PartialEq for Links {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl Eq for Links {}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Links").field(&self.iter().as_slice()).finish()
    }
}

impl<'l> IntoIterator for &'l Links {
    type Item = &'l Link;
    type IntoIter = slice::Iter<'l, Link>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
