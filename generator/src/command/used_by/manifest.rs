//! Manifests of copied crates: dependencies on the SDK point to another folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The tables of a manifest that hold dependencies.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// The manifest of a package of a workspace as that of a package without one: what it takes from the workspace stands
/// in it, and paths are absolute.
pub(super) fn standalone(
    package: &str,
    folder: &Path,
    workspace: &str,
    root: &Path,
) -> Result<String, toml::de::Error> {
    let mut manifest: Table = package.parse()?;
    let workspace: Table = workspace.parse()?;
    let inherited = |key: &str| workspace.get("workspace")?.get(key).cloned();
    if let Some(Value::Table(package)) = manifest.get_mut("package") {
        let of_workspace = inherited("package");
        for (key, value) in package.iter_mut() {
            if is_inherited(value) {
                *value =
                    of_workspace.as_ref().and_then(|it| it.get(key)).cloned().unwrap_or_else(|| "".into());
            }
        }
    }
    let of_workspace = inherited("dependencies");
    dependencies(&mut manifest, &mut |name, value| {
        let is_inherited = is_inherited(value);
        if let (true, Some(shared), Value::Table(own)) =
            (is_inherited, of_workspace.as_ref().and_then(|it| it.get(name)), &mut *value)
        {
            let mut merged = detailed(shared);
            absolute(&mut merged, root);
            own.remove("workspace");
            let features = [merged.get("features"), own.get("features")];
            let features = features.into_iter().flatten().filter_map(Value::as_array).flatten();
            let features: Vec<Value> = features.cloned().collect();
            merged.extend(std::mem::take(own));
            if !features.is_empty() {
                merged.insert("features".to_owned(), features.into());
            }
            *value = merged.into();
        } else if let Value::Table(own) = value {
            absolute(own, folder);
        }
    });
    manifest.remove("lints");
    manifest.insert("workspace".to_owned(), Table::new().into());
    for key in ["profile", "patch"] {
        manifest.extend(workspace.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    Ok(manifest.to_string())
}

/// A manifest whose dependencies on packages of the SDK point to these folders; other paths are absolute if they
/// leave `copied`. Whether it had a dependency on `sdk`.
pub(super) fn redirected(
    text: &str,
    folder: &Path,
    copied: &Path,
    (sdk, packages): (&str, &BTreeMap<String, PathBuf>),
) -> Result<(String, bool), toml::de::Error> {
    let mut manifest: Table = text.parse()?;
    let mut is_found = false;
    let mut redirect = |name: &str, value: &mut Value| {
        let mut table = detailed(value);
        let package = table.get("package").and_then(Value::as_str).unwrap_or(name).to_owned();
        if is_inherited(value) {
            // The table of the workspace is redirected.
            is_found |= package == sdk;
            return;
        }
        if let Some(to) = packages.get(&package) {
            is_found |= package == sdk;
            for key in ["version", "git", "branch", "tag", "rev", "registry", "registry-index"] {
                table.remove(key);
            }
            table.insert("path".to_owned(), to.to_string_lossy().into_owned().into());
            *value = table.into();
        } else if let Value::Table(own) = value {
            let path = own.get("path").and_then(Value::as_str).map(|path| normal(&folder.join(path)));
            if path.is_some_and(|path| !path.starts_with(copied)) {
                absolute(own, folder);
            }
        }
    };
    dependencies(&mut manifest, &mut redirect);
    if let Some(Value::Table(workspace)) = manifest.get_mut("workspace") {
        dependencies(workspace, &mut redirect);
    } else if folder == copied {
        manifest.insert("workspace".to_owned(), Table::new().into());
    }
    Ok((manifest.to_string(), is_found))
}

/// Calls a function for each dependency.
fn dependencies(table: &mut Table, change: &mut impl FnMut(&str, &mut Value)) {
    for key in DEPENDENCIES {
        if let Some(Value::Table(dependencies)) = table.get_mut(key) {
            dependencies.iter_mut().for_each(|(name, value)| change(name, value));
        }
    }
    if let Some(Value::Table(targets)) = table.get_mut("target") {
        for target in targets.iter_mut().filter_map(|(_, target)| target.as_table_mut()) {
            dependencies(target, change);
        }
    }
}

fn is_inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// A dependency as a table: `"1"` is `{ version = "1" }`.
fn detailed(value: &Value) -> Table {
    match value {
        Value::Table(table) => table.clone(),
        value => Table::from_iter([("version".to_owned(), value.clone())]),
    }
}

fn absolute(dependency: &mut Table, folder: &Path) {
    if let Some(Value::String(path)) = dependency.get_mut("path") {
        *path = normal(&folder.join(&*path)).to_string_lossy().into_owned();
    }
}

/// A path without `..` and `.`.
pub(super) fn normal(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            component => normal.push(component),
        }
    }
    normal
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{redirected, standalone};
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use toml::Table;

    fn packages() -> BTreeMap<String, PathBuf> {
        [("xurrent", "/scratch/sdk"), ("xurrent-webhook", "/repo/sdk/webhook")]
            .map(|(name, path)| (name.to_owned(), PathBuf::from(path)))
            .into()
    }

    fn redirect(text: &str) -> (Table, bool) {
        let folder = Path::new("/home/app");
        let (text, is_found) = redirected(text, folder, folder, ("xurrent", &packages())).unwrap();
        (text.parse().unwrap(), is_found)
    }

    #[test]
    fn dependencies_on_the_sdk_keep_their_features() {
        for dependency in [
            r#"xurrent = { version = "0.1", default-features = false, features = ["rustls-ring"] }"#,
            r#"xurrent = { git = "https://example.com/x", tag = "v1", default-features = false, features = ["rustls-ring"] }"#,
            r#"xurrent = { path = "../sdk", default-features = false, features = ["rustls-ring"] }"#,
            r#"x = { package = "xurrent", version = "0.1", default-features = false, features = ["rustls-ring"] }"#,
        ] {
            for table in [
                "dependencies",
                "dev-dependencies",
                "target.'cfg(unix)'.dependencies",
                "workspace.dependencies",
            ] {
                let (manifest, is_found) = redirect(&format!("[{table}]\n{dependency}"));
                assert!(is_found, "{table}: {dependency}");
                let text = manifest.to_string();
                assert!(text.contains(r#"path = "/scratch/sdk""#), "{text}");
                assert!(text.contains("rustls-ring") && text.contains("default-features = false"), "{text}");
                assert!(
                    !text.contains("version") && !text.contains("git") && !text.contains("tag"),
                    "{text}"
                );
            }
        }
        assert!(redirect("[dependencies]\nxurrent = { workspace = true }").1, "the workspace has the folder");
    }

    #[test]
    fn other_dependencies_stay() {
        let (manifest, is_found) = redirect(
            "[dependencies]\nserde = \"1\"\nxurrent-webhook = \"0.1\"\ninner = { path = \"inner\" }\nouter = { path = \"../outer\" }",
        );
        assert!(!is_found, "the webhooks alone are no SDK");
        let of = |name: &str| manifest["dependencies"][name].clone();
        assert_eq!(of("serde").as_str(), Some("1"));
        assert_eq!(of("xurrent-webhook")["path"].as_str(), Some("/repo/sdk/webhook"));
        assert_eq!(of("inner")["path"].as_str(), Some("inner"), "it is copied as well");
        assert_eq!(of("outer")["path"].as_str(), Some("/home/outer"));
        assert!(manifest.contains_key("workspace"), "it is in no other workspace");
    }

    #[test]
    fn a_member_of_a_workspace_can_stand_alone() {
        let text = standalone(
            "[package]\nname = \"a\"\nversion.workspace = true\n[dependencies]\nserde = { workspace = true, features = [\"rc\"], optional = true }\nb = { path = \"b\" }\nc.workspace = true\n[lints]\nworkspace = true",
            Path::new("/repo/a"),
            "[workspace.package]\nversion = \"0.1.0\"\n[workspace.dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\nc = { path = \"c\" }\n[profile.dev]\ndebug = false",
            Path::new("/repo"),
        );
        let manifest: Table = text.unwrap().parse().unwrap();
        assert_eq!(manifest["package"]["version"].as_str(), Some("0.1.0"));
        let serde = &manifest["dependencies"]["serde"];
        assert_eq!((serde["version"].as_str(), serde["optional"].as_bool()), (Some("1"), Some(true)));
        assert_eq!(serde["features"].as_array().map(Vec::len), Some(2));
        assert_eq!(manifest["dependencies"]["b"]["path"].as_str(), Some("/repo/a/b"));
        assert_eq!(manifest["dependencies"]["c"]["path"].as_str(), Some("/repo/c"));
        assert!(!manifest.contains_key("lints") && manifest.contains_key("profile"));
    }
}
