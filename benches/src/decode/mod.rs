//! Decoding of a page, against `serde_json` with derived structs.

mod data;
pub(crate) mod peer;

use crate::error::{DIFFERENT, Error};
use crate::run::Run;
use crate::table::{Row, Unit};
pub(crate) use data::{CURSOR, people};
use peer::Page;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};
use xurrent_runtime::{Decoded, Decoder, Field, PageInfo, Table, decode};

/// Time of one sample: long enough for the clock, short enough to fit between disturbances.
const SAMPLE: Duration = Duration::from_millis(50);

/// People, with keys in selection order.
pub(crate) fn in_order(run: &Run<'_>) -> Result<Row, Error> {
    compare::<xurrent::Person, peer::Person>(run, 0.60, &people())
}

/// The same people, with shuffled keys.
pub(crate) fn shuffled(run: &Run<'_>) -> Result<Row, Error> {
    compare::<xurrent::Person, peer::Person>(run, 0.75, &shuffle(&people())?)
}

/// Requests, with HTML characters escaped like the API does.
pub(crate) fn nested(run: &Run<'_>) -> Result<Row, Error> {
    let json = data::requests().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    compare::<xurrent::Request, peer::Request>(run, 0.65, &json)
}

fn compare<Ours, Peer>(run: &Run<'_>, target: f64, json: &str) -> Result<Row, Error>
where
    Ours: Field + Serialize,
    Peer: DeserializeOwned + Serialize,
{
    same_values::<Ours, Peer>(json)?;
    let ours = || black_box(decode::from_slice::<OurPage<Ours>>(json.as_bytes())).is_ok();
    let peer = || black_box(serde_json::from_slice::<Page<Peer>>(json.as_bytes())).is_ok();
    let iterations = calibrate(&ours).max(calibrate(&peer));
    let pairs = run.measure(31, || Ok(per_page(iterations, &ours)), || Ok(per_page(iterations, &peer)))?;
    let (records, bytes) = (data::RECORDS, json.len());
    Ok(run
        .row(pairs, Unit::Microseconds)
        .target(target)
        .note(format!("{records} records, {bytes} bytes, {iterations} pages a sample")))
}

/// A page for the runtime to decode.
struct OurPage<T> {
    page_info: PageInfo,
    nodes: Vec<T>,
}

impl<T: Field> Field for OurPage<T> {
    fn placeholder() -> Self {
        Self { page_info: PageInfo::placeholder(), nodes: Vec::new() }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        static PAGE: Table =
            Table { name: "Connection", fields: &["pageInfo", "nodes"], nested: &[], source: "" };
        decoder.object(&PAGE, &mut [&mut self.page_info, &mut self.nodes])
    }
}

/// Checks that both sides decode the same values.
fn same_values<Ours, Peer>(json: &str) -> Result<(), Error>
where
    Ours: Field + Serialize,
    Peer: DeserializeOwned + Serialize,
{
    let ours: OurPage<Ours> = decode::from_slice(json.as_bytes())?;
    let peer: Page<Peer> = serde_json::from_str(json)?;
    let same = ours.page_info.has_next_page == peer.page_info.has_next_page
        && ours.page_info.end_cursor == peer.page_info.end_cursor
        && serde_json::to_value(&ours.nodes)? == serde_json::to_value(&peer.nodes)?;
    if same { Ok(()) } else { Err(DIFFERENT.into()) }
}

/// Number of pages in a sample.
fn calibrate(decode: &impl Fn() -> bool) -> u32 {
    let mut iterations = 1;
    loop {
        let started = Instant::now();
        per_page(iterations, decode);
        let elapsed = started.elapsed();
        if elapsed >= SAMPLE / 4 {
            let wanted = f64::from(iterations) * SAMPLE.as_secs_f64() / elapsed.as_secs_f64();
            return (wanted as u32).max(1);
        }
        iterations *= 2;
    }
}

fn per_page(iterations: u32, decode: &impl Fn() -> bool) -> f64 {
    let started = Instant::now();
    for _ in 0..iterations {
        black_box(black_box(decode)());
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(iterations)
}

/// Shuffles the keys of every record.
fn shuffle(json: &str) -> Result<String, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Raw<'j> {
        #[serde(borrow)]
        page_info: &'j RawValue,
        #[serde(borrow)]
        nodes: Vec<BTreeMap<&'j str, &'j RawValue>>,
    }
    let page: Raw<'_> = serde_json::from_str(json)?;
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut nodes = Vec::new();
    for node in page.nodes {
        let mut entries: Vec<_> = node.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        for last in (1..entries.len()).rev() {
            entries.swap(last, random.below(last + 1));
        }
        nodes.push(format!("{{{}}}", entries.join(",")));
    }
    Ok(format!("{{\"pageInfo\":{},\"nodes\":[{}]}}", page.page_info, nodes.join(",")))
}

/// A deterministic random number generator (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_decode_the_same_values() -> Result<(), Error> {
        let people = people();
        same_values::<xurrent::Person, peer::Person>(&people)?;
        same_values::<xurrent::Person, peer::Person>(&shuffle(&people)?)?;
        same_values::<xurrent::Request, peer::Request>(&data::requests())
    }

    #[test]
    fn every_record_has_its_timestamps() -> Result<(), Error> {
        let people = people();
        assert_eq!(people.matches("\"createdAt\":\"2026-01-").count(), data::RECORDS);
        assert_eq!(data::requests().matches("\"updatedAt\":\"2026-01-").count(), data::RECORDS);
        Ok(())
    }

    #[test]
    fn a_different_value_is_noticed() -> Result<(), Error> {
        let json = people();
        let other = same_values::<xurrent::Person, peer::Request>(&json);
        assert!(other.is_err());
        Ok(())
    }

    #[test]
    fn shuffling_keeps_every_key() -> Result<(), Error> {
        let people = people();
        let shuffled = shuffle(&people)?;
        assert_ne!(people, shuffled);
        assert_eq!(people.len(), shuffled.len());
        Ok(())
    }
}
