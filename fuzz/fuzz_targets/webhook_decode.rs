//! See [`webhook_decode`].

#![no_main]

#[path = "../properties/webhook_decode.rs"]
mod webhook_decode;

libfuzzer_sys::fuzz_target!(|input: &[u8]| webhook_decode::check(input));
