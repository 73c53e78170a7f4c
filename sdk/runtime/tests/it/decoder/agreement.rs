//! Whatever the document: both sides accept it with the same value, or both refuse it.

use crate::decoder::documents::changes::{Change, Damage, change, damage, harmless};
use crate::decoder::documents::{anything, record};
use crate::decoder::generated::Record;
use crate::decoder::model::{self, FromObject};
use proptest::collection::vec;
use proptest::prelude::*;
use xurrent_runtime::decode::from_slice;

/// A failing case is printed whole and becomes a test by itself, so no seeds are kept.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_global_rejects: cases,
        ..ProptestConfig::default()
    }
}

/// Whether both sides accept the document.
fn accepted(json: &[u8]) -> Result<bool, TestCaseError> {
    let ours = from_slice::<Record>(json);
    let theirs = serde_json::from_slice::<FromObject<model::Record>>(json);
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            prop_assert_eq!(model::Record::from(&ours), theirs.0);
            Ok(true)
        }
        (Err(_), Err(_)) => Ok(false),
        (ours, theirs) => {
            let json = String::from_utf8_lossy(json);
            Err(TestCaseError::fail(format!("{json}\nours:   {ours:?}\ntheirs: {theirs:?}")))
        }
    }
}

/// A lone surrogate in a value that nobody reads: `differences` has the test.
fn has_surrogate(json: &[u8]) -> bool {
    json.windows(4).any(|bytes| bytes[..2] == *b"\\u" && matches!(bytes[2..], [b'd' | b'D', b'8'..=b'f']))
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn valid_documents_are_accepted(document in record(anything()), style: u64) {
        prop_assert!(accepted(document.write(style).as_bytes())?);
    }

    #[test]
    fn the_order_of_keys_and_unknown_keys_do_not_matter(
        document in record(anything()),
        changes in vec(harmless(), 1..6),
        style: u64,
    ) {
        let (mut document, expected) = (document.clone(), document);
        for change in changes {
            change.apply(&mut document);
        }
        let read = from_slice::<Record>(document.write(style).as_bytes());
        prop_assert!(read.is_ok(), "{:?}", read);
        prop_assert!(accepted(document.write(style).as_bytes())?);
        let unchanged = from_slice::<Record>(expected.write(0).as_bytes());
        prop_assert_eq!(read.ok().map(|record| record.leaves.whole), unchanged.ok().map(|record| record.leaves.whole));
    }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn both_sides_agree_on_changed_documents(
        document in record(anything()),
        changes in vec(change(), 1..3),
        style: u64,
    ) {
        let mut document = document;
        changes.into_iter().for_each(|change: Change| change.apply(&mut document));
        accepted(document.write(style).as_bytes())?;
    }

    #[test]
    fn both_sides_agree_on_damaged_texts(
        document in record(anything()),
        damages in vec(damage(), 1..3),
        style: u64,
    ) {
        let mut text = document.write(style).into_bytes();
        damages.into_iter().for_each(|damage: Damage| damage.apply(&mut text));
        prop_assume!(!has_surrogate(&text));
        accepted(&text)?;
    }
}

/// The properties above prove little if nearly all documents are refused, or nearly none.
#[test]
fn changes_lead_to_both_answers() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let strategy = (record(anything()), vec(change(), 1..3));
    let accepted = (0..300)
        .filter(|_| {
            let (mut document, changes) = strategy.new_tree(&mut runner).unwrap().current();
            changes.into_iter().for_each(|change| change.apply(&mut document));
            accepted(document.write(0).as_bytes()).unwrap()
        })
        .count();
    assert!((50..250).contains(&accepted), "{accepted} of 300 accepted");
}
