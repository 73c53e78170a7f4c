//! `cargo xtask documents`: the operations as GraphQL.

use crate::folder;
use crate::regen::Input;
use crate::report::Failure;
use clap::Args;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// Where the schema is, where the documents go.
#[derive(Args)]
pub(crate) struct Documents {
    #[command(flatten)]
    input: Input,
    /// Folder for the documents: `queries/*.graphql` and `mutations/*.graphql`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Documents {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let documents = self.input.generator()?.documents();
        for (name, document) in &documents {
            let keyword = document.split_inclusive(' ').next().unwrap_or_default();
            folder::check(&self.out.join(name), keyword)?;
        }
        for folder in ["queries", "mutations"].map(|name| self.out.join(name)) {
            if fs::symlink_metadata(&folder).is_ok_and(|found| found.is_symlink()) {
                return Err(Failure::Link(folder));
            }
            fs::create_dir_all(&folder).map_err(Failure::file("create", &folder))?;
        }
        for (name, document) in &documents {
            folder::write(&self.out.join(name), document)?;
        }
        println!("{} documents in {}", documents.len(), self.out.display());
        Ok(ExitCode::SUCCESS)
    }
}
