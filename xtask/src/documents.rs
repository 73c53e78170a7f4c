//! `cargo xtask documents`: the operations as GraphQL.

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
            let path = self.out.join(name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(Failure::file("create", folder))?;
            }
            fs::write(&path, document).map_err(Failure::file("write", &path))?;
        }
        println!("{} documents in {}", documents.len(), self.out.display());
        Ok(ExitCode::SUCCESS)
    }
}
