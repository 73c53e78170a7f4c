//! Generates the modules of a schema into the build folder.

use std::path::PathBuf;
use std::{env, error, fs};
use xurrent_generator::{Config, Generator};

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=schema.graphql");
    let folder = PathBuf::from(env::var("OUT_DIR")?).join("generated");
    let config = Config::from_toml("[scalars]\nMoney = \"crate::Money\"")?;
    let generator = Generator::new(&fs::read_to_string("schema.graphql")?, &config)?;
    fs::create_dir_all(&folder)?;
    for (name, source) in generator.rust() {
        fs::write(folder.join(name), source)?;
    }
    // A module by its path, since `include!` takes no module with documentation of its own.
    let module = format!("#[path = {:?}]\npub mod types;\n", folder.join("mod.rs"));
    Ok(fs::write(folder.join("include.rs"), module)?)
}
