//! `cargo xtask preflight`: what a server cannot serve of a crate that is built with the checked-in schema.

use crate::arguments::{AlsoLocation, SourceArguments};
use crate::diff::{fetched, file};
use crate::error::Error;
use crate::input::Input;
use crate::used_by;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use xurrent_generator::command::{Named, Report, Version, between, spinner};
use xurrent_generator::diff::{ChangeKind, Deployed, Format};

/// The end of the help.
const EXAMPLES: &str = "\
Exit codes: 0 everything works, 1 failed, 2 wrong usage, 3 something means something else, 4 something fails. With
--used-by, they follow from the uses in the crate, and deprecations are notes; else from all changes.

Examples:
  cargo xtask preflight --endpoint http://127.0.0.1:4010/graphql --used-by ../integration
  XURRENT_ACCOUNT=acme XURRENT_TOKEN=.. cargo xtask preflight --stage qa --used-by ../integration --format markdown
  cargo xtask preflight --stage production
                                      all changes that a program that is already built can meet";

/// Arguments of `preflight`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Preflight {
    #[command(flatten)]
    input: Input,
    /// List the places in the crate in this folder, with its dependency on xurrent replaced
    ///
    /// The compiler finds them, on a copy in target/used-by: `sdk/examples` is a crate to try it with.
    #[arg(long, value_name = "DIR")]
    used_by: Option<PathBuf>,
    #[command(flatten)]
    report: Report,
    #[command(flatten)]
    live: Live,
}

/// The server.
#[derive(Args)]
#[command(
    next_help_heading = "Server (schema.json stays as it is)",
    mut_arg("token", |token| token.conflicts_with_all(["client_id", "client_secret"])),
    mut_group("source", |source| source.required(true)),
)]
struct Live {
    #[command(flatten)]
    source: SourceArguments,
}

impl Preflight {
    pub(crate) fn run(self) -> Result<ExitCode, Error> {
        let Input { schema, overrides, .. } = &self.input;
        let also = self.input.also().as_deref().map(Named::read).transpose()?;
        let old = Version { also, ..file(schema, overrides)? };
        let new = match fetched(&self.live.source, &AlsoLocation::default(), overrides)? {
            Ok(version) => version,
            Err(code) => return Ok(code),
        };
        let progress = spinner("Comparing the schemas");
        let mut diff = between(&old, &new)?;
        drop(progress);
        let notes = self.used_by.is_some();
        diff.retain(|change| {
            change.deployed != Deployed::Works || (notes && change.kind == ChangeKind::Deprecated)
        });
        let mut format = Format::default();
        format.crate_name = Some("xurrent".to_owned());
        let uses =
            self.used_by.as_ref().map(|path| used_by::deployed(&old, &new, &diff, path)).transpose()?;
        Ok(self.report.print_deployed(&diff, uses.as_ref(), format)?)
    }
}
