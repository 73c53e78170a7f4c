//! `cargo xtask foreign`: the generator on public schemas that nobody of this project wrote.
//!
//! [`schemas`] lists them, [`fetch`] gets them from packages of registries, [`generate`] makes crates of them,
//! [`compare`] compares some with older versions, [`check`] compiles the crates, [`validate`] asks another GraphQL
//! engine about their documents, and [`engine`] calls servers of that engine with them. [`guide`] follows a guide for
//! users, line by line.

mod check;
mod compare;
mod engine;
mod error;
mod fetch;
mod generate;
mod guide;
mod schemas;
mod table;
mod tools;
mod validate;

use crate::error::Error;
use crate::schemas::Schema;
use crate::table::{Row, Table};
use crate::tools::Folders;
use clap::Parser;
use std::process::ExitCode;
use xurrent_generator::command::spinner;
use xurrent_generator::error_chain;

/// Generate SDKs of public GraphQL APIs, compile them with warnings denied, and validate their documents.
///
/// Fetches each schema from a package of the npm registry or of crates.io, once, into target/foreign. Nothing is sent to
/// the APIs. Validates with the engine `graphql` for JavaScript. Prints a table: types, queries, mutations and
/// lines of Rust, seconds to generate and peak memory of it, seconds to compare with an older version, if there is
/// one, with the breaking, behavioural and safe changes, seconds to check without dependencies, and valid documents.
/// The reports of changes are in target/foreign/differences.
///
/// Needs npm and node 20 or newer, tar and gzip.
///
/// Exit codes: 0 all passed, 1 something failed, 2 wrong usage.
#[derive(Parser)]
#[command(name = "cargo xtask foreign", bin_name = "cargo xtask foreign", version)]
struct Arguments {
    /// Schemas; all by default. With --engine, all that have a program for it.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// List the schemas with their packages, and stop.
    #[arg(long)]
    list: bool,
    /// Also call each API with the generated crate, against a server of another engine with made-up data: every query
    /// without required arguments, pages, a union, and mutations that are refused.
    #[arg(long)]
    engine: bool,
    /// Follow docs/other-apis.md instead: run its commands and programs against that server.
    #[arg(long, conflicts_with_all = ["names", "list", "engine"])]
    guide: bool,
}

fn main() -> ExitCode {
    Arguments::parse().run().unwrap_or_else(|error| {
        eprintln!("error: {}", error_chain(&error));
        ExitCode::FAILURE
    })
}

impl Arguments {
    fn run(self) -> Result<ExitCode, Error> {
        let folders = Folders::new();
        if self.guide {
            return guide::follow(&folders).map(|()| ExitCode::SUCCESS);
        }
        let schemas = schemas::select(&self.names, self.engine)?;
        if self.list {
            schemas
                .iter()
                .for_each(|schema| println!("{:<20} {} {}", schema.name, schema.package, schema.file));
            return Ok(ExitCode::SUCCESS);
        }
        tools::install_engine(&folders)?;
        check::prepare(&folders, &schemas)?;
        let mut failures = Vec::new();
        let table = Table::new(&schemas);
        for (index, schema) in schemas.iter().enumerate() {
            let progress = spinner("");
            let step = |name: &str| {
                progress.set_message(format!("{} of {}: {}: {name}", index + 1, schemas.len(), schema.name));
            };
            let row = pass(&folders, schema, self.engine, &step);
            drop(progress);
            match row {
                Ok(row) => table.print(schema, &row),
                Err(error) => {
                    table.print_failure(schema, &error);
                    failures.push(format!("{}: {}", schema.name, error_chain(&error)));
                }
            }
        }
        println!("{} passed, {} failed", schemas.len() - failures.len(), failures.len());
        failures.iter().for_each(|failure| eprintln!("\nerror: {failure}"));
        Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Everything for one schema. `step` shows what is being done.
fn pass(folders: &Folders, schema: &Schema, engine: bool, step: &dyn Fn(&str)) -> Result<Row, Error> {
    step("fetching");
    let file = fetch::fetch(folders, schema)?;
    step("generating");
    let generated = generate::generate(folders, schema, &file)?;
    step("comparing");
    let compared = compare::compare(folders, schema, &file)?;
    step("checking");
    let check = check::check(folders, schema)?;
    step("validating documents");
    let valid = validate::validate(folders, schema, &file, generated.documents)?;
    let mut calls = None;
    if engine {
        step("calling");
        calls = Some(engine::call(folders, schema, &file, &generated)?);
    }
    Ok(Row { generated, compared, check, valid, calls })
}
