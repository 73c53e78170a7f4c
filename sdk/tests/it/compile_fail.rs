//! Wrong selections: each is a compile error at the place of the mistake that says how to fix it.
//!
//! Each file in `compile_fail` breaks one rule, and the `.stderr` file beside it holds the compiler's
//! whole output. To accept new messages, overwrite these files and review the difference:
//!
//! ```sh
//! TRYBUILD=overwrite cargo test -p xurrent --test it compile_fail -- --ignored
//! ```

#[test]
#[ignore = "checks all dependencies again in a target folder of its own; run by .ci/run"]
fn wrong_selections_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
