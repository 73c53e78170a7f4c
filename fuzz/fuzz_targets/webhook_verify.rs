//! See [`webhook_verify`].

#![no_main]

#[path = "../properties/webhook_verify.rs"]
mod webhook_verify;

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhook_verify::check(input));
