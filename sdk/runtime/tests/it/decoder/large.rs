//! Objects of any number of fields: one bit is kept per field, 256 of them without an allocation.

use proptest::prelude::*;
use xurrent_runtime as rt;

/// An object of `N` integers. Generated code names its fields one by one; only their number
/// matters here.
struct Wide<const N: usize>(Vec<i64>);

/// Names and tables live as long as the program, as generated ones do.
trait Names {
    fn table() -> &'static rt::Table;
}

impl<const N: usize> Names for Wide<N> {
    fn table() -> &'static rt::Table {
        use std::collections::HashMap;
        use std::sync::{LazyLock, Mutex};
        static TABLES: LazyLock<Mutex<HashMap<usize, &'static rt::Table>>> = LazyLock::new(Mutex::default);
        TABLES.lock().unwrap().entry(N).or_insert_with(|| {
            let names: Vec<&'static str> = (0..N).map(|index| &*format!("f{index}").leak()).collect();
            Box::leak(Box::new(rt::Table { name: "Wide", fields: names.leak(), nested: &[], source: "" }))
        })
    }
}

impl<const N: usize> rt::Field for Wide<N> {
    fn placeholder() -> Self {
        Self(vec![i64::MIN; N])
    }
    fn decode(&mut self, decoder: &mut rt::Decoder<'_>) -> rt::Decoded {
        let mut fields: Vec<&mut dyn rt::Field> =
            self.0.iter_mut().map(|value| value as &mut dyn rt::Field).collect();
        decoder.object(Self::table(), &mut fields)
    }
}

impl<const N: usize> rt::Encode for Wide<N> {
    fn encode(&self, sink: &mut rt::Sink<'_>) {
        let fields: Vec<&dyn rt::Encode> = self.0.iter().map(|value| value as &dyn rt::Encode).collect();
        sink(rt::encode::Encoded::Object(Self::table(), &fields));
    }
}

fn document(keys: impl IntoIterator<Item = usize>) -> String {
    let entries: Vec<String> = keys.into_iter().map(|key| format!("\"f{key}\":{key}")).collect();
    format!("{{{}}}", entries.join(","))
}

fn read<const N: usize>(keys: impl IntoIterator<Item = usize>) -> Result<Vec<i64>, String> {
    rt::decode::from_slice::<Wide<N>>(document(keys).as_bytes())
        .map(|wide| wide.0)
        .map_err(|error| error.to_string())
}

fn check<const N: usize>() {
    let all: Vec<i64> = (0..i64::try_from(N).unwrap()).collect();
    assert_eq!(read::<N>(0..N), Ok(all.clone()));
    assert_eq!(read::<N>((0..N).rev()), Ok(all.clone()));
    // Every key far from the one that is expected next: 7 has no factor in common with any N here.
    assert_eq!(read::<N>((0..N).map(|key| key * 7 % N)), Ok(all));
    for gone in 0..N {
        let missing = Err(format!("f{gone}: the field is missing (in Wide)"));
        assert_eq!(read::<N>((0..N).filter(|key| *key != gone)), missing);
        assert_eq!(read::<N>((0..N).rev().filter(|key| *key != gone)), missing);
        let twice = Err(format!("f{gone}: the key occurs twice (in Wide)"));
        assert_eq!(read::<N>((0..N).chain([gone])), twice);
    }
    // Of several, the first in the order of the selection.
    assert_eq!(read::<N>([]), Err("f0: the field is missing (in Wide)".to_owned()));
    assert_eq!(read::<N>(0..N - 1), Err(format!("f{}: the field is missing (in Wide)", N - 1)));
    assert_eq!(read::<N>(0..N / 2), Err(format!("f{}: the field is missing (in Wide)", N / 2)));
}

#[test]
fn one_field() {
    check::<1>();
}

#[test]
fn one_word() {
    check::<64>();
}

#[test]
fn one_more_than_a_word() {
    check::<65>();
}

#[test]
fn all_that_fits_on_the_stack() {
    check::<256>();
}

#[test]
fn one_more_than_fits_on_the_stack() {
    check::<257>();
}

#[test]
fn far_more_than_fits_on_the_stack() {
    check::<400>();
}

#[test]
fn no_field() {
    assert_eq!(read::<0>([]), Ok(vec![]));
    assert_eq!(read::<0>([5]), Ok(vec![]));
}

proptest! {
    #![proptest_config(crate::decoder::agreement::cases(100))]

    #[test]
    fn any_order(keys in Just((0..400).collect::<Vec<usize>>()).prop_shuffle(), kept in 0..=400_usize) {
        let first_missing = (0..400).find(|key| !keys[..kept].contains(key));
        let expected = match first_missing {
            None => Ok((0..400).collect()),
            Some(key) => Err(format!("f{key}: the field is missing (in Wide)")),
        };
        prop_assert_eq!(read::<400>(keys[..kept].iter().copied()), expected);
    }
}
