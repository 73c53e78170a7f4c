//! `cargo xtask select`: the Rust for a GraphQL document.

use crate::error::Error;
use crate::input::Input;
use clap::Args;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};
use xurrent_generator::command;

/// Arguments of `select`.
#[derive(Args)]
pub(crate) struct Select {
    #[command(flatten)]
    input: Input,
    /// The document: `query { people { nodes { id name } } }`, or `-` to read it from standard input.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    document: Option<String>,
    /// A file with the document.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Path of the crate of the SDK.
    #[arg(long, value_name = "PATH", default_value = "xurrent")]
    sdk: String,
}

impl Select {
    pub(crate) fn run(self) -> Result<ExitCode, Error> {
        let document = match (self.file, self.document) {
            (Some(file), _) => fs::read_to_string(&file).map_err(command::Error::file("read", &file))?,
            (None, Some(document)) if document != "-" => document,
            (None, _) => {
                let mut document = String::new();
                let input = io::stdin().read_to_string(&mut document);
                input.map_err(command::Error::file("read", Path::new("standard input")))?;
                document
            }
        };
        print!("{}", self.input.generator()?.select(&document, &self.sdk).map_err(Error::Select)?);
        Ok(ExitCode::SUCCESS)
    }
}
