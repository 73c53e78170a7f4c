//! Growth of the generator: time and memory for schemas from 1,250 to 10,000 types of ten fields.

use crate::error::Error;
use crate::files::read;
use crate::pairs::Pairs;
use crate::process::{peak_memory, this_program};
use crate::run::Run;
use crate::table::{Row, Unit};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::hint::black_box;
use std::path::Path;
use xurrent_generator::{Config, Generator};

const TYPES: [u32; 4] = [1_250, 2_500, 5_000, 10_000];

const FIELDS: u32 = 10;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Shape {
    /// Types with fields that are no objects.
    Independent,
    /// Types with lists of nine others, all in one cycle.
    Cyclic,
}

const SHAPES: [Shape; 2] = [Shape::Independent, Shape::Cyclic];

/// Generation of one schema, in a process of its own to measure its peak memory.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Side {
    shape: Shape,
    types: u32,
}

/// What it took.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Cost {
    /// Of a processor.
    seconds: f64,
    /// Peak memory beyond the text of the schema.
    bytes: f64,
}

impl Cost {
    fn least(self, other: Self) -> Self {
        Self { seconds: self.seconds.min(other.seconds), bytes: self.bytes.min(other.bytes) }
    }
}

/// The exponent with which time and memory grow, the largest of both and of all shapes, against one.
pub(crate) fn fit(run: &Run<'_>) -> Result<Row, Error> {
    let rounds: Vec<[Vec<Cost>; SHAPES.len()]> = run.rounds(5, |shape| {
        let sides = TYPES.iter().map(|&types| Side { shape: SHAPES[shape], types });
        sides.map(|side| Ok(side.measure()?.least(side.measure()?))).collect()
    })?;
    let largest =
        |round: &[Vec<Cost>; SHAPES.len()]| round.iter().flat_map(|it| exponents(it)).fold(0.0, f64::max);
    let pairs = Pairs::of(rounds.iter().map(|round| (largest(round), 1.0)));
    let row = run.row(pairs, Unit::Exponent).target(1.15);
    Ok(SHAPES.iter().enumerate().fold(row, |row, (index, shape)| {
        let least = |size: usize| {
            let costs = rounds.iter().map(|round| round[index][size]);
            costs.reduce(Cost::least).unwrap_or(Cost { seconds: f64::NAN, bytes: f64::NAN })
        };
        let costs: Vec<Cost> = (0..TYPES.len()).map(least).collect();
        let sizes = TYPES.iter().zip(&costs).map(|(types, Cost { seconds, bytes })| {
            format!("{types} types {seconds:.3} s {:.1} MiB", bytes / f64::from(1 << 20))
        });
        let sizes = sizes.collect::<Vec<_>>().join(", ");
        let [time, memory] = exponents(&costs);
        row.note(format!(
            "{shape:?}: at least {sizes}; time grows with types^{time:.2}, memory with types^{memory:.2}"
        ))
    }))
}

/// Those of time and of memory.
fn exponents(costs: &[Cost]) -> [f64; 2] {
    [exponent(costs.iter().map(|cost| cost.seconds)), exponent(costs.iter().map(|cost| cost.bytes))]
}

/// The slope of the line through the logarithms of values for `TYPES`, by least squares.
fn exponent(values: impl Iterator<Item = f64>) -> f64 {
    let points: Vec<_> =
        TYPES.iter().zip(values).map(|(types, value)| (f64::from(*types).ln(), value.ln())).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let covariance: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    covariance / points.iter().map(|point| (point.0 - x).powi(2)).sum::<f64>()
}

impl Side {
    fn measure(&self) -> Result<Cost, Error> {
        Ok(serde_json::from_slice(&this_program("--growth-side", self)?)?)
    }

    /// Generates the source and the documents, discards them and prints the cost.
    pub(crate) fn run(&self) -> Result<(), Error> {
        let schema = self.introspection();
        let (seconds, bytes) = (processor_seconds()?, peak_memory()?);
        let generator = Generator::new(&schema, &Config::default())?;
        black_box((generator.rust(), generator.documents()));
        let seconds = processor_seconds()? - seconds;
        let bytes = (peak_memory()? - bytes) as f64;
        println!("{}", serde_json::to_string(&Cost { seconds, bytes })?);
        Ok(())
    }

    /// Each type has ten fields and a query that returns it. No value holds the whole schema: that would be
    /// the peak of memory.
    fn introspection(&self) -> String {
        let name = |ty: u32| format!("Record{ty}");
        let named = |kind: &str, name: &str| json!({"kind": kind, "name": name});
        let field =
            |name: String, ty: Value| json!({"name": name, "description": "A field of a type.", "type": ty});
        let object =
            |name: &str, fields: Vec<Value>| json!({"kind": "OBJECT", "name": name, "fields": fields});
        let fields = |ty: u32| {
            let fields = (1..FIELDS).map(|number| {
                let other = name((7 * ty + 13 * number + 1) % self.types);
                let ty = match self.shape {
                    Shape::Independent => named("SCALAR", "String"),
                    Shape::Cyclic => json!({"kind": "LIST", "ofType": named("OBJECT", &other)}),
                };
                field(format!("field{number}"), ty)
            });
            fields.chain([field("id".to_owned(), named("SCALAR", "ID"))]).collect()
        };
        let queries = (0..self.types).map(|ty| field(format!("query{ty}"), named("OBJECT", &name(ty))));
        let mut text = r#"{"__schema": {"queryType": {"name": "Query"}, "types": ["#.to_owned();
        text.push_str(&object("Query", queries.collect()).to_string());
        for ty in 0..self.types {
            text.push(',');
            text.push_str(&object(&name(ty), fields(ty)).to_string());
        }
        text + "]}}"
    }
}

/// Seconds of a processor that this thread used, on Linux: other programs do not count.
fn processor_seconds() -> Result<f64, Error> {
    let times = read(Path::new("/proc/thread-self/schedstat"))?;
    let nanoseconds: u64 = times.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponent_is_the_power_of_growth() {
        for power in [1.0, 2.0, 1.5] {
            let fit = exponent(TYPES.iter().map(|types| 3.0 * f64::from(*types).powf(power)));
            assert!((fit - power).abs() < 1e-9, "{fit}");
        }
    }
}
