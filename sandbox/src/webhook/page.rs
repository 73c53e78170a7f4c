//! Pages of lists in the REST interface.

use crate::node_id;

/// The default page size.
const PAGE_SIZE: usize = 20;
const MAX_PAGE_SIZE: usize = 100;

/// The requested page of a list.
pub(super) struct Page {
    pub(super) size: usize,
    /// The page follows the entry with this number.
    pub(super) after: Option<u64>,
}

impl Page {
    /// Reads the query of a list.
    ///
    /// # Errors
    /// The name of a parameter and a message.
    pub(super) fn read(query: &str) -> Result<Self, (String, &'static str)> {
        let mut page = Self { size: PAGE_SIZE, after: None };
        let refused = |name: &str, message| (name.to_owned(), message);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "per_page" => {
                    let size = value.parse().ok().filter(|size| (1..=MAX_PAGE_SIZE).contains(size));
                    page.size = size.ok_or_else(|| refused("per_page", "is not a number from 1 to 100"))?;
                }
                "search_after" => {
                    let number = node_id::decode(&value)
                        .and_then(|cursor| cursor.strip_prefix("cursor/")?.parse().ok());
                    page.after = Some(number.ok_or_else(|| refused("search_after", "is not a cursor"))?);
                }
                _ => return Err(refused(&name, "is not a parameter of this list")),
            }
        }
        Ok(page)
    }
}

/// The opaque cursor of an entry.
pub(super) fn cursor(number: u64) -> String {
    node_id::encode(&format!("cursor/{number}"))
}
