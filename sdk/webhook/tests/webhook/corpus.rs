//! What fuzzing has found to be of interest, through the same checks.

use std::path::Path;

#[path = "../../../../fuzz/properties/webhook_decode.rs"]
mod webhook_decode;
#[path = "../../../../fuzz/properties/webhook_verify.rs"]
mod webhook_verify;

fn of_each(target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut inputs = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        // Shown when the check fails.
        println!("{}", path.display());
        check(&std::fs::read(path).unwrap());
        inputs += 1;
    }
    assert!(inputs > 500, "{inputs}");
}

#[test]
fn bodies_and_signed_tokens_of_the_corpus() {
    of_each("webhook_verify", webhook_verify::check);
}

#[test]
fn unsigned_bodies_of_the_corpus() {
    of_each("webhook_decode", webhook_decode::check);
}
