//! The wrappers around a type, as a number: two bits for each `Option`, `Vec` and `Connection`, the outermost
//! in the lowest bits. The derive uses the same encoding.

/// An `Option`.
pub const NULLABLE: u32 = 1;
/// A `Vec`.
pub const LIST: u32 = 2;
/// A `Connection`.
pub const CONNECTION: u32 = 3;

/// Adds an outer wrapper.
pub const fn around(wrappers: u32, kind: u32) -> u32 {
    wrappers << 2 | kind
}

/// The number of wrappers of one kind.
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
