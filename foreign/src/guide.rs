//! Follows `docs/other-apis.md`: writes its files, runs its commands, and compares what the program prints.

use crate::engine::Server;
use crate::error::Error;
use crate::tools::{Folders, failed, install_engine, remove, start, write};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

/// The schema that the commands of the guide get, below the folder in which they run.
const SCHEMA: &str = "package/storefront.schema.json";

/// A code block of the guide.
enum Block {
    /// Commands.
    Commands(String),
    /// The content of a file, or more of it.
    File { path: String, text: String },
}

/// Runs all commands in an empty folder, in the order of the guide. A block of code belongs to the file that is
/// named last before it; further blocks of a file are appended, and are all there before the next command.
pub(crate) fn follow(folders: &Folders) -> Result<(), Error> {
    install_engine(folders)?;
    let path = folders.root.join("docs/other-apis.md");
    let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let folder = folders.guide();
    remove(&folder)?;
    // A workspace of its own, since the folder is in that of this program.
    write(&folder.join("Cargo.toml"), "[workspace]\nresolver = \"3\"\n")?;
    let lock = folders.root.join("Cargo.lock");
    fs::copy(&lock, folder.join("Cargo.lock")).map_err(Error::file("copy", &lock))?;
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let (mut server, mut printed) = (None, String::new());
    for block in blocks(&text)? {
        match block {
            Block::File { path, text } => *files.entry(path).or_default() += &text,
            Block::Commands(commands) => {
                for (path, text) in &files {
                    write(&folder.join(path), text)?;
                }
                printed = run(folders, server.as_ref(), &commands)?;
                if server.is_none() && folder.join(SCHEMA).exists() {
                    server = Some(Server::start(folders, &folder.join(SCHEMA))?);
                }
            }
        }
    }
    let expected =
        ["made up takes these", "Product/", "has 2 images", "something else: Article", "created: true"];
    print!("{printed}");
    match expected.into_iter().find(|text| !printed.contains(text)) {
        None => Ok(()),
        Some(text) => Err(Error::Guide(format!("its program does not print {text:?}"))),
    }
}

/// Runs commands as they are in the guide, where `CLONE` is this workspace.
fn run(folders: &Folders, server: Option<&Server>, commands: &str) -> Result<String, Error> {
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", &commands.replace("CLONE", &folders.root.to_string_lossy())]);
    command
        .current_dir(folders.guide())
        .env("CARGO_TARGET_DIR", &folders.target)
        .env("SHOP_TOKEN", "made-up");
    if let Some(server) = server {
        command.env("SHOP_ENDPOINT", &server.endpoint);
    }
    let output = command.output().map_err(start(&command))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(failed(&command, &output)),
    }
}

fn blocks(guide: &str) -> Result<Vec<Block>, Error> {
    let mut blocks = Vec::new();
    let mut file = None;
    for (index, part) in guide.split("```").enumerate() {
        if index % 2 == 0 {
            let code = part.split('`').skip(1).step_by(2);
            file = code
                .filter(|code| code.contains('.') && !code.starts_with('.') && !code.contains(' '))
                .last()
                .or(file);
            continue;
        }
        let (language, text) = part.split_once('\n').unwrap_or_default();
        blocks.push(match (language, file) {
            ("sh", _) => Block::Commands(text.to_owned()),
            // The program of the guide.
            (_, Some("main.rs")) => {
                Block::File { path: "tour/src/main.rs".to_owned(), text: text.to_owned() }
            }
            (_, Some(path)) => Block::File { path: path.to_owned(), text: text.to_owned() },
            _ => return Err(Error::Guide(format!("no file is named before {text:?}"))),
        });
    }
    Ok(blocks)
}
