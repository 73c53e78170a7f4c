//! End-to-end tests live in `tests/`. This library compiles the guides whose snippets need the sandbox.

/// Documentation tests.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../../docs/testing.md")]
    mod testing {}

    #[doc = include_str!("../../docs/webhook_testing.md")]
    mod webhook_testing {}
}
