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

/// What the compiler says is in words of the documentation.
#[test]
fn no_message_names_a_private_module() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/compile_fail");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|file| file.extension().is_some_and(|it| it == "stderr")).collect();
    assert!(files.len() > 100, "{} messages", files.len());
    for file in files {
        let message = std::fs::read_to_string(&file).unwrap();
        // `xurrent` re-exports everything that a message names.
        for private in ["__private", "__rt", "xurrent_runtime::", "xurrent_values::", "xurrent::generated::"]
        {
            assert!(!message.contains(private), "{} names `{private}`:\n{message}", file.display());
        }
    }
}
