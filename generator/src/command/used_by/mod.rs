//! `diff --used-by`: where the crate of a user meets what changed in a schema.
//!
//! The crate and the SDK are copied to a scratch folder and checked there twice: against the old SDK with marks, and
//! against the new one. Nothing is written beside the crate.

mod cargo;
mod copy;
mod manifest;

pub use cargo::as_compiler;

use super::Error;
use crate::Files;
use crate::diff::Diff;
use crate::used_by::{CompilerMessage, Uses};
use cargo::{Checked, Metadata, check, metadata};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// An SDK whose users are looked at.
#[derive(Debug, Clone)]
pub struct Sdk {
    /// The folder of its crate, which may be in a workspace.
    pub folder: PathBuf,
    /// The folder of the generated modules, in that of the crate.
    pub modules: PathBuf,
    /// A folder for copies and builds, which later runs use again.
    pub cache: PathBuf,
}

/// A crate of a user.
struct User {
    /// The root of its workspace.
    root: PathBuf,
    /// The folder with its manifest.
    folder: PathBuf,
    /// The manifests of the workspace.
    manifests: BTreeSet<PathBuf>,
    /// Whether it is the SDK itself, for the sake of its examples.
    is_sdk: bool,
}

impl Sdk {
    /// Finds the uses of changes in the crate at `path`. `marked` is the source that
    /// [`rust_marked`](crate::Generator::rust_marked) gives for the old schema, `new` that for the new one. Without a new
    /// one, the uses are those of a program that is already built.
    ///
    /// # Errors
    /// If there is no crate, if it does not depend on the SDK, or if it does not compile against the old one.
    pub fn uses(
        &self,
        (marked, new): (&Files, Option<&Files>),
        diff: &Diff,
        path: &Path,
    ) -> Result<Uses, Error> {
        let _lock = self.lock()?;
        let workspace = metadata(&self.folder)?;
        let user = User::find(path, &absolute(&self.folder)?)?;
        let (marked, marked_root) = self.check("marked", marked, &workspace, &user)?;
        let errors: Vec<_> = marked.messages.iter().filter(|message| message.is_error).collect();
        if !marked.is_complete || !errors.is_empty() {
            let text = match errors.is_empty() {
                true => marked.text,
                false => rendered(errors.into_iter()),
            };
            return Err(Error::DoesNotCompile { folder: user.folder, text });
        }
        let read = |file: &str| fs::read_to_string(marked_root.join(file)).ok();
        let Some(new) = new else {
            let name = |file: &str| user.name(file, [&marked_root, &marked_root]);
            return Ok(Uses::find(diff, (&marked.messages, &[]), name, read));
        };
        let (new, new_root) = self.check("new", new, &workspace, &user)?;
        let is_of_user = |message: &CompilerMessage| {
            let is_library = user.is_sdk && message.target_kind == "lib";
            Path::new(&message.manifest).starts_with(&new_root) && !is_library
        };
        let errors = new.messages.iter().filter(|message| message.is_error && !is_of_user(message));
        let text = rendered(errors);
        if !text.is_empty() {
            return Err(Error::SdkDoesNotCompile(text));
        }
        if !new.is_complete && !new.messages.iter().any(|message| message.is_error) {
            return Err(Error::DoesNotCompile { folder: user.folder, text: new.text });
        }
        let name = |file: &str| user.name(file, [&marked_root, &new_root]);
        Ok(Uses::find(diff, (&marked.messages, &new.messages), name, read))
    }

    /// Waits for other runs with the same folder: they would check the copies of each other.
    fn lock(&self) -> Result<fs::File, Error> {
        let path = absolute_new(&self.cache)?.join("lock");
        let file = fs::File::create(&path).map_err(Error::file("create", &path))?;
        file.lock().map_err(Error::file("lock", &path))?;
        Ok(file)
    }

    /// Copies the SDK with other modules, and the user's crate with this SDK, and checks it. With the folder of the
    /// copied workspace.
    fn check(
        &self,
        version: &str,
        modules: &Files,
        workspace: &Metadata,
        user: &User,
    ) -> Result<(Checked, PathBuf), Error> {
        let (cache, folder) = (absolute_new(&self.cache)?, absolute(&self.folder)?);
        let (scratch, target) = (cache.join(version), cache.join("target"));
        let sdk = scratch.join("sdk");
        self.copy_sdk(&folder, &sdk, modules, workspace)?;
        if user.is_sdk {
            copy_lock(&workspace.workspace_root, &sdk)?;
            return Ok((check(&sdk, &target, &["--examples"])?, sdk));
        }
        let mut hasher = DefaultHasher::new();
        user.root.hash(&mut hasher);
        let name = user.root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let root = scratch.join(format!("{name}-{:016x}", hasher.finish()));
        let own = workspace.packages.iter().find(|package| package.folder() == folder);
        let sdk_name = own.map_or("xurrent", |package| package.name.as_str());
        let packages = workspace.packages.iter().map(|package| {
            let folder = if package.name == sdk_name { sdk.clone() } else { package.folder().to_owned() };
            (package.name.clone(), folder)
        });
        user.copy(&root, (sdk_name, &packages.collect()))?;
        let place = user.folder.strip_prefix(&user.root).unwrap_or(Path::new(""));
        Ok((check(&root.join(place), &target, &["--all-targets"])?, root))
    }

    fn copy_sdk(&self, from: &Path, to: &Path, modules: &Files, workspace: &Metadata) -> Result<(), Error> {
        let mut kept =
            BTreeSet::from([PathBuf::from("Cargo.toml"), PathBuf::from("Cargo.lock"), lock_of_user()]);
        let inner: Vec<&Path> = workspace.packages.iter().map(cargo::Package::folder).collect();
        for file in copy::files(from)? {
            let path = from.join(&file);
            let is_of_other = inner
                .iter()
                .any(|inner| *inner != from && inner.starts_with(from) && path.starts_with(inner));
            if is_of_other || file.starts_with(&self.modules) || kept.contains(&file) {
                continue;
            }
            copy::write(&to.join(&file), &read(&path)?)?;
            kept.insert(file);
        }
        for (name, text) in modules {
            let file = self.modules.join(name);
            copy::write(&to.join(&file), text.as_bytes())?;
            kept.insert(file);
        }
        let (own, root) = (from.join("Cargo.toml"), &workspace.workspace_root);
        let texts = (read_text(&own)?, read_text(&root.join("Cargo.toml"))?);
        let manifest = manifest::standalone(&texts.0, from, &texts.1, root);
        copy::write(&to.join("Cargo.toml"), manifest.map_err(Error::manifest(&own))?.as_bytes())?;
        copy::keep(to, &kept)
    }
}

impl User {
    fn find(path: &Path, sdk: &Path) -> Result<Self, Error> {
        let path = absolute(path)?;
        let start = if path.is_file() { path.parent().unwrap_or(&path) } else { &path };
        let Metadata { packages, workspace_root } = metadata(start)?;
        let has_manifest = |folder: &&Path| folder.join("Cargo.toml").exists();
        let folder = start.ancestors().find(has_manifest).unwrap_or(start).to_owned();
        let mut manifests: BTreeSet<_> = packages.into_iter().map(|package| package.manifest_path).collect();
        manifests.insert(workspace_root.join("Cargo.toml"));
        Ok(Self { is_sdk: folder == sdk, root: workspace_root, folder, manifests })
    }

    /// The name of a file in the report, from the folder of the crate. None for generated files and those of others.
    fn name(&self, file: &str, roots: [&PathBuf; 2]) -> Option<String> {
        let path = Path::new(file);
        let relative = match path.is_absolute() {
            true => roots.into_iter().find_map(|root| path.strip_prefix(root).ok())?,
            false => path,
        };
        if self.is_sdk {
            let is_source = relative.starts_with("src") || relative.starts_with("..");
            return (!is_source).then(|| relative.to_string_lossy().into_owned());
        }
        let of_crate = self.folder.strip_prefix(&self.root).unwrap_or(Path::new(""));
        let name = relative.strip_prefix(of_crate).unwrap_or(relative);
        Some(name.to_string_lossy().into_owned())
    }

    /// Copies the workspace, with dependencies on these packages.
    fn copy(&self, to: &Path, packages: (&str, &BTreeMap<String, PathBuf>)) -> Result<(), Error> {
        let mut kept = BTreeSet::from([PathBuf::from("Cargo.lock"), lock_of_user()]);
        let mut is_user = false;
        for file in copy::files(&self.root)? {
            let path = self.root.join(&file);
            if self.manifests.contains(&path) {
                let folder = path.parent().unwrap_or(&self.root);
                let manifest = manifest::redirected(&read_text(&path)?, folder, &self.root, packages);
                let (text, is_found) = manifest.map_err(Error::manifest(&path))?;
                is_user |= is_found && (folder == self.folder || folder.starts_with(&self.folder));
                copy::write(&to.join(&file), text.as_bytes())?;
            } else if !kept.contains(&file) {
                copy::write(&to.join(&file), &read(&path)?)?;
            }
            kept.insert(file);
        }
        if !is_user {
            return Err(Error::NoDependency { folder: self.folder.clone(), sdk: packages.0.to_owned() });
        }
        copy::keep(to, &kept)?;
        copy_lock(&self.root, to)
    }
}

/// Errors as a terminal shows them, those of several targets once.
fn rendered<'m>(errors: impl Iterator<Item = &'m CompilerMessage>) -> String {
    let mut seen = BTreeSet::new();
    errors.map(|error| error.rendered.as_str()).filter(|text| seen.insert(*text)).collect()
}

/// The lock file that the copied one was made from.
fn lock_of_user() -> PathBuf {
    PathBuf::from("Cargo.lock.user")
}

/// Copies the lock file, unless that of an earlier run follows from it.
fn copy_lock(from: &Path, to: &Path) -> Result<(), Error> {
    let (source, copied, before) = (from.join("Cargo.lock"), to.join("Cargo.lock"), to.join(lock_of_user()));
    let Ok(lock) = fs::read(&source) else { return Ok(()) };
    if copied.exists() && fs::read(&before).is_ok_and(|before| before == lock) {
        return Ok(());
    }
    copy::write(&copied, &lock)?;
    copy::write(&before, &lock)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(Error::file("read", path))
}

fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::file("read", path))
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(Error::file("find", path))
}

/// The absolute path of a folder that is made if it is not there.
fn absolute_new(path: &Path) -> Result<PathBuf, Error> {
    fs::create_dir_all(path).map_err(Error::file("create", path))?;
    absolute(path)
}
