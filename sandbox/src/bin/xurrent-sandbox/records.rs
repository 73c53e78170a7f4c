//! The arguments for the initial records.

use clap::Args;
use std::path::PathBuf;
use xurrent_sandbox::SandboxBuilder;

#[derive(Debug, Args)]
#[command(next_help_heading = "Records")]
pub(super) struct RecordArguments {
    /// Add the records of this JSON file; --help describes it; can be repeated
    #[arg(long, value_name = "FILE")]
    records: Vec<PathBuf>,

    /// Leave out the demo records: only the account, the owner of the token, and other options' records
    #[arg(long)]
    without_demo_records: bool,

    /// Generate records until there are this many of a type, such as Request=5000; can be repeated
    #[arg(long, value_name = "TYPE=N", value_parser = generated)]
    generate: Vec<(String, u64)>,

    /// Short for --generate Person=N
    #[arg(long, value_name = "N")]
    people: Option<u64>,
}

fn generated(text: &str) -> Result<(String, u64), String> {
    let parts = text.split_once('=').filter(|(type_name, _)| !type_name.is_empty());
    let (type_name, count) = parts.ok_or("expected TYPE=N, for example Person=10000")?;
    let count = count.trim().replace('_', "").parse();
    Ok((type_name.trim().to_owned(), count.map_err(|_| "expected a number, for example Person=10000")?))
}

impl RecordArguments {
    pub(super) fn apply(&self, mut builder: SandboxBuilder) -> SandboxBuilder {
        if self.without_demo_records {
            builder = builder.without_demo_records();
        }
        for (type_name, count) in &self.generate {
            builder = builder.generate(type_name, *count);
        }
        if let Some(count) = self.people {
            builder = builder.generate("Person", count);
        }
        self.records.iter().fold(builder, |builder, file| builder.records_file(file))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_records_are_parsed_or_refused() {
        assert_eq!(generated("Person=10_000").unwrap(), ("Person".to_owned(), 10_000));
        for text in ["", "Person", "=5", "Person=", "Person=-1", "Person=many", "Person=1.5"] {
            assert!(generated(text).is_err(), "{text}");
        }
    }
}
