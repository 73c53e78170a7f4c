//! `cargo xtask regen`: the generated part of the SDK, from schema.json or a live endpoint.

use crate::baseline::Baseline;
use crate::error::Error;
use crate::fetch::{Fetch, Fetched};
use crate::input::{Files, Input};
use crate::texts::Texts;
use crate::workspace::{lock, root};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use xurrent_generator::command::{self, Changelog, Generated, SchemaChange, compare, print_summary, spinner};
use xurrent_generator::diff::Diff;
use xurrent_generator::{Generator, error_chain};

/// The folder of the generated source of the SDK.
const OUT: &str = "sdk/src/generated";

/// Arguments of `regen`.
#[derive(Args)]
pub(crate) struct Regen {
    #[command(flatten)]
    input: Input,
    /// Folder for the generated source: a new, an empty or a generated one. Generated files in it are
    /// replaced or deleted; other files stay.
    #[arg(long, value_name = "DIR", default_value_os_t = root().join(OUT))]
    out: PathBuf,
    /// Write nothing; list files that differ and exit with 1 if there are any. Prints the changes of the schema, too.
    #[arg(long)]
    check: bool,
    /// Schema to compare with: a file, or a git revision that has --schema and --overrides [default: the commit that
    /// --out was last generated in, without git the file that a fetch replaces]
    #[arg(long, value_name = "FILE|REVISION")]
    old: Option<String>,
    /// File that gets an entry about what changed [default: CHANGELOG.schema.md, none with another --out]
    #[arg(long, value_name = "FILE")]
    changelog: Option<PathBuf>,
    #[command(flatten)]
    fetch: Fetch,
}

impl Regen {
    pub(crate) fn run(self) -> Result<ExitCode, Error> {
        // Before the fetch, so that the later of two runs has the later schema.
        let also = self.input.also_file();
        let files = Files { schema: &self.input.schema, also: &also, overrides: &self.input.overrides };
        let schema = self.fetch.has_source().then_some(files.schema);
        let written = [Some(self.out.as_path()), schema, self.fetch.has_second().then_some(files.also)];
        let _locks = lock(written.into_iter().flatten().filter(|_| !self.check))?;
        let before = schema.map(|_| Before::of(&files));
        let fetched = match self.fetch.run(&self.input)? {
            Fetched::Failed(code) => return Ok(code),
            Fetched::Schemas { schema, also } => (Some(schema), also),
            Fetched::Nothing => (None, None),
        };
        let texts = self.texts(fetched)?;
        let progress = spinner("Generating Rust");
        let generator = texts.generator(&files)?;
        let source = generator.rust();
        let changes = compare(&self.out, "", &source)?;
        progress.set_message("Comparing schemas");
        let is_current = changes.written.is_empty() && changes.deleted.is_empty();
        let comparison = self.comparison((&texts, before.as_ref()), &files, &generator, is_current)?;
        drop(progress);
        if self.check {
            let code = changes.print_outdated("cargo xtask regen");
            comparison.iter().for_each(Comparison::print);
            return Ok(code);
        }
        let entry = self.entry(comparison.as_ref())?;
        let schemas = before.map(|before| before.replaced(&texts, &files)).unwrap_or_default();
        let changelog: Vec<_> = entry.iter().map(|(file, text)| (file.clone(), text.as_str())).collect();
        changes.apply_with(&schemas, &changelog)?;

        schemas.iter().for_each(|(file, _)| println!("{} written", name(file)));
        print_summary(&generator, &source, &changes);
        match (&comparison, &entry) {
            (Some(comparison), Some((file, _))) => {
                comparison.print();
                println!("{} is up to date with it", name(file));
            }
            (Some(comparison), None) if self.changelog().is_none() => comparison.print(),
            (None, _) if self.changelog().is_some() && !changes.written.is_empty() => {
                println!("what changed in the schema is not known: pass the file of before to --old");
            }
            _ => {}
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What was fetched, and what is in files for the rest.
    fn texts(&self, (schema, also): (Option<String>, Option<String>)) -> Result<Texts, Error> {
        let read = |file: &Path| fs::read_to_string(file).map_err(command::Error::file("read", file));
        let config = read(&self.input.overrides)?;
        let schema = schema.map_or_else(|| read(&self.input.schema), Ok)?;
        let also = match also {
            None => self.input.also().as_deref().map(read).transpose()?,
            also => also,
        };
        Ok(Texts { schema, also, config })
    }

    /// Whether the source of the SDK is generated.
    fn is_default(&self) -> bool {
        let absolute = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        absolute(&self.out) == absolute(&root().join(OUT))
    }

    fn changelog(&self) -> Option<PathBuf> {
        let default = || self.is_default().then(|| root().join("CHANGELOG.schema.md"));
        self.changelog.clone().or_else(default)
    }

    /// What changed. `None` if what was before is not known, or if a commit has it together with its source.
    fn comparison(
        &self,
        (texts, before): (&Texts, Option<&Before>),
        files: &Files<'_>,
        new: &Generator,
        is_current: bool,
    ) -> Result<Option<Comparison>, Error> {
        let is_committed = || Baseline::is_committed(files, texts);
        if self.old.is_none() && is_current && is_committed() {
            return Ok(None);
        }
        let Some(old) = self.baseline(texts, before, files)? else { return Ok(None) };
        let generator = match old.texts.generator(files) {
            Ok(generator) => generator,
            Err(error) => {
                eprintln!("note: cannot compare with {}: {}", old.origin, error_chain(&error));
                return Ok(None);
            }
        };
        let ((from, from_config), (to, to_config)) = (old.texts.parts(), texts.parts());
        let sdk = Generated::new("xurrent", env!("CARGO_PKG_VERSION"));
        let diff = Diff::between(&generator, new);
        let change = SchemaChange::new(diff, (&from, from_config), (&to, to_config), sdk)?;
        Ok(Some(Comparison { origin: old.origin, change }))
    }

    fn baseline(
        &self,
        texts: &Texts,
        before: Option<&Before>,
        files: &Files<'_>,
    ) -> Result<Option<Baseline>, Error> {
        if let Some(old) = &self.old {
            return Ok(Some(Baseline::given(old, files, &texts.config)?));
        }
        let changelog = self.changelog();
        let results: Vec<_> =
            [Some(self.out.as_path()), changelog.as_deref()].into_iter().flatten().collect();
        let committed = Baseline::committed(&results, files, &texts.config);
        let before = before.filter(|_| changelog.is_some()).and_then(|before| {
            let (schema, also) = (before.schema.clone()?, before.also.clone());
            let origin = format!("the {} of before", name(files.schema));
            Some(Baseline { texts: Texts { schema, also, config: texts.config.clone() }, origin })
        });
        Ok(committed.or(before))
    }

    /// The changelog and its new text, if it changes.
    fn entry(&self, comparison: Option<&Comparison>) -> Result<Option<(PathBuf, String)>, Error> {
        let (Some(file), Some(Comparison { change, .. })) = (self.changelog(), comparison) else {
            return Ok(None);
        };
        match Changelog::read(&file) {
            // It would get no entry.
            Err(command::Error::ForeignChangelog(_)) if change.is_empty() => Ok(None),
            changelog => {
                let changelog = changelog?;
                Ok(changelog.with(change).map(|text| (changelog.path().to_owned(), text)))
            }
        }
    }
}

/// What changed in the schema.
struct Comparison {
    origin: String,
    change: SchemaChange<'static>,
}

impl Comparison {
    fn print(&self) {
        if !self.change.is_empty() {
            print!("\nsince {}: {}", self.origin, self.change.summary());
        }
    }
}

/// What the files of fetched schemas have.
struct Before {
    schema: Option<String>,
    also: Option<String>,
}

impl Before {
    fn of(files: &Files<'_>) -> Self {
        Self { schema: read(files.schema), also: read(files.also) }
    }

    /// The files whose texts differ from fetched ones.
    fn replaced<'t>(&self, texts: &'t Texts, files: &Files<'_>) -> Vec<(PathBuf, &'t str)> {
        let schemas = [
            (files.schema, &self.schema, Some(&texts.schema)),
            (files.also, &self.also, texts.also.as_ref()),
        ];
        let differing = schemas.into_iter().filter(|(_, before, text)| before.as_ref() != *text);
        // Of a link, the file that it leads to is replaced.
        let target = |file: &Path| fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        differing.filter_map(|(file, _, text)| Some((target(file), text?.as_str()))).collect()
    }
}

/// The text of a file, if it can be read.
fn read(file: &Path) -> Option<String> {
    fs::read(file).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().display().to_string()
}
