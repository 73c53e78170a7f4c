//! See [`generator_names`].

#![no_main]

#[path = "../properties/generator_names.rs"]
mod generator_names;

libfuzzer_sys::fuzz_target!(|input: &[u8]| generator_names::check(input));
