//! Mistakes in selections: each is an error of `cargo check`, at the place of the mistake, in words
//! that say what to write instead.
//!
//! Every file of `compile_fail` breaks one rule; the `.stderr` beside it is the whole answer of the
//! compiler. After a change of the words, or with a compiler that words its own part otherwise, write
//! them anew and read the difference:
//!
//! ```sh
//! TRYBUILD=overwrite cargo test -p xurrent --test compile_fail
//! ```

#[test]
fn mistakes() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
