//! What is wrapped around a type, as a number: two bits for each `Option`, `Vec` and `Connection`,
//! the outermost lowest. The derive writes the same.

/// An `Option`.
pub const NULLABLE: u32 = 1;
/// A `Vec`.
pub const LIST: u32 = 2;
/// A `Connection`.
pub const CONNECTION: u32 = 3;

/// One more around what is there.
pub const fn around(wrappers: u32, kind: u32) -> u32 {
    wrappers << 2 | kind
}

/// How often something is wrapped around a type.
pub const fn count(wrappers: u32, kind: u32) -> u32 {
    let mut rest = wrappers;
    let mut count = 0;
    while rest != 0 {
        if rest & 3 == kind {
            count += 1;
        }
        rest >>= 2;
    }
    count
}
