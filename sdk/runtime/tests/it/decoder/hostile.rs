//! Whatever the bytes: an answer or an error, never a panic and never the end of the stack.

use crate::decoder::generated::{Chain, Leaves, Mood, Record, Target};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use xurrent_runtime::decode::from_slice;
use xurrent_runtime::{Date, Decimal, Field, Id, Json, Ref, TimeOfDay, Timestamp};

/// Every type that has an entrance of its own, `true` when one accepts.
fn decode_all(json: &[u8]) -> bool {
    fn accepts<T: Field>(json: &[u8]) -> bool {
        match from_slice::<T>(json) {
            Ok(_) => true,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                false
            }
        }
    }
    [
        accepts::<Record>,
        accepts::<Leaves>,
        accepts::<Chain>,
        accepts::<Target>,
        accepts::<Ref<Record>>,
        accepts::<Mood>,
        accepts::<String>,
        accepts::<Id>,
        accepts::<i64>,
        accepts::<f64>,
        accepts::<bool>,
        accepts::<Decimal>,
        accepts::<Date>,
        accepts::<TimeOfDay>,
        accepts::<Timestamp>,
        accepts::<Json>,
        accepts::<Option<Box<Chain>>>,
        accepts::<Vec<Option<Vec<f64>>>>,
    ]
    .into_iter()
    .fold(false, |any, accepts: fn(&[u8]) -> bool| accepts(json) | any)
}

proptest! {
    #![proptest_config(crate::decoder::agreement::cases(1000))]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        decode_all(&bytes);
    }

    #[test]
    fn any_text_in_quotes(text in "\\PC{0,40}") {
        decode_all(serde_json::to_string(&text).unwrap_or_default().as_bytes());
    }

    #[test]
    fn nearly_numbers_and_times(text in "[-+0-9.eETtZz: ]{0,40}") {
        decode_all(text.as_bytes());
        decode_all(format!("\"{text}\"").as_bytes());
    }

    #[test]
    fn any_tokens(tokens in vec(token(), 0..60)) {
        decode_all(&tokens.concat());
    }
}

fn token() -> impl Strategy<Value = Vec<u8>> {
    let tokens: [&[u8]; 44] = [
        b"{",
        b"{",
        b"}",
        b"}",
        b"[",
        b"[",
        b"]",
        b"]",
        b",",
        b",",
        b":",
        b":",
        b"null",
        b"true",
        b"false",
        b"nul",
        b"NaN",
        b"-Infinity",
        b"0",
        b"-",
        b"-0",
        b"1e",
        b"1.",
        b"9223372036854775808",
        b"1e999",
        b"\"",
        b"\"\"",
        b"\"id\"",
        b"\"id\":",
        b"\"next\":",
        b"\"leaves\":{",
        b"\"lines\":[{",
        b"\"grid\":[[",
        b"\"any\":",
        b"\"__typename\":\"Record\"",
        b"\"\\ud83d\\udca1\"",
        b"\"\\ud83d\"",
        b"\"\\u00\"",
        b"\"\\x\"",
        b"\"\xff\"",
        b"\xf0\x9f\x92",
        b" \n",
        b"\0",
        b"// x\n",
    ];
    select(tokens.to_vec()).prop_map(<[u8]>::to_vec)
}

const TEN_MEGABYTES: usize = 10 << 20;

#[test]
fn nested_without_end() {
    for open in ["[", "{\"a\":", "{\"next\":", "{\"any\":", "[{\"x\":[", "{\"leaves\":", "{\"__typename\":"] {
        let json = open.repeat(TEN_MEGABYTES / open.len());
        assert!(!decode_all(json.as_bytes()), "{open}");
        assert!(!decode_all(format!("{{\"unknown\":{json}").as_bytes()), "{open}");
    }
}

#[test]
fn long_without_end() {
    for unit in [" ", "\"", "\\", "1", "-", "n", "\0", "\u{ff}"] {
        let json = unit.repeat(TEN_MEGABYTES / unit.len());
        decode_all(json.as_bytes());
        decode_all(format!("\"{json}").as_bytes());
    }
}

#[test]
fn numbers_of_100_000_digits() {
    let digits = "7".repeat(100_000);
    for number in [
        digits.clone(),
        format!("-{digits}"),
        format!("1e{digits}"),
        format!("1e-{digits}"),
        format!("{digits}.{digits}e-{digits}"),
    ] {
        let json = format!("{number} ");
        assert!(from_slice::<i64>(json.as_bytes()).is_err());
        assert!(from_slice::<Decimal>(json.as_bytes()).is_err());
        assert!(from_slice::<Decimal>(format!("\"{number}\"").as_bytes()).is_err());
        decode_all(json.as_bytes());
        decode_all(format!("{{\"any\":{number}}}").as_bytes());
    }
    let third = format!("0.{}", "3".repeat(100_000));
    assert_eq!(from_slice::<f64>(third.as_bytes()).unwrap(), 1.0 / 3.0);
    assert!(from_slice::<Decimal>(third.as_bytes()).is_err(), "no digit is dropped");
}

/// The exponent was once subtracted unchecked.
#[test]
fn exponents_at_the_edges_of_their_type() {
    for exponent in [i64::from(i32::MIN), i64::from(i32::MAX), i64::from(i32::MIN) - 1, i64::MIN, 0] {
        for mantissa in ["1", "0", "0.5", "79228162514264337593543950335"] {
            let accepted = from_slice::<Decimal>(format!("{mantissa}e{exponent}").as_bytes()).is_ok();
            assert_eq!(accepted, exponent == 0, "{mantissa}e{exponent}");
        }
    }
}

#[test]
fn invalid_utf_8_anywhere() {
    let valid = crate::decoder::errors::record().to_string().into_bytes();
    for at in 0..valid.len() {
        for byte in [0x80, 0xc3, 0xf0, 0xff] {
            let mut json = valid.clone();
            json[at] = byte;
            decode_all(&json);
        }
    }
}
