//! `cargo xtask documents`: the generated operations as GraphQL.

use crate::error::Error;
use crate::input::Input;
use clap::Args;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use xurrent_generator::command::{self, differs, metadata, write};

/// Arguments of `documents`.
#[derive(Args)]
pub(crate) struct Documents {
    #[command(flatten)]
    input: Input,
    /// Folder for the documents: `queries/*.graphql` and `mutations/*.graphql`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Documents {
    pub(crate) fn run(self) -> Result<ExitCode, Error> {
        let documents = self.input.generator()?.documents();
        for (name, document) in &documents {
            let keyword = document.split_inclusive(' ').next().unwrap_or_default();
            differs(&self.out.join(name), document, &[keyword.to_owned()])?;
        }
        for folder in ["queries", "mutations"].map(|name| self.out.join(name)) {
            if metadata(&folder)?.is_some_and(|found| found.is_symlink()) {
                return Err(command::Error::Link(folder).into());
            }
            fs::create_dir_all(&folder).map_err(command::Error::file("create", &folder))?;
        }
        for (name, document) in &documents {
            write(&self.out.join(name), document)?;
        }
        println!("{} documents in {}", documents.len(), self.out.display());
        Ok(ExitCode::SUCCESS)
    }
}
