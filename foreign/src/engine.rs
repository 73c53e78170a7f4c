//! Calls a server of another engine, which serves the schema with made-up data, with the generated crate.
//!
//! `programs/NAME.rs` is an example of that crate: it pages, selects on a union and has a mutation refused.
//! `programs/every_query.rs` and the calls that are written here ask every query that has no required argument.

use crate::error::Error;
use crate::generate::Generated;
use crate::schemas::Schema;
use crate::tools::{Folders, run, start, write};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use xurrent_generator::Schema as Graph;
use xurrent_generator::schema::Argument;

/// Runs the program of a schema, and returns how many calls it made.
pub(crate) fn call(
    folders: &Folders,
    schema: &Schema,
    file: &Path,
    generated: &Generated,
) -> Result<usize, Error> {
    let programs = folders.root.join("foreign/programs");
    let read = |name: &str| {
        let path = programs.join(name);
        fs::read_to_string(&path).map_err(Error::file("read", &path))
    };
    let example = folders.crates().join(&schema.name).join("examples/engine");
    write(&example.join("main.rs"), read(&format!("{}.rs", schema.name))?)?;
    write(&example.join("every_query.rs"), read("every_query.rs")? + &every_query(generated, file)?)?;
    let server = Server::start(folders, file)?;
    let mut command = folders.cargo(&folders.crates());
    command.args(["run", "--quiet", "--package", &schema.package(), "--example", "engine"]);
    let output = run(command.env("ENDPOINT", &server.endpoint))?;
    // The last line of the program.
    let calls = String::from_utf8_lossy(&output.stdout).lines().last().and_then(|line| line.parse().ok());
    calls.ok_or_else(|| crate::tools::failed(&command, &output))
}

/// A function that calls every query without required arguments.
fn every_query(generated: &Generated, file: &Path) -> Result<String, Error> {
    let text = fs::read_to_string(file).map_err(Error::file("read", file))?;
    let graph = Graph::from_text(&text)?;
    let root = graph.query_type.as_ref().map_or("", |query| query.name.as_str());
    let fields = graph.types.iter().find(|it| it.name == root).and_then(|it| it.fields.as_ref());
    let callable: Vec<_> = fields
        .into_iter()
        .flatten()
        .filter(|field| !field.arguments.iter().any(Argument::is_required))
        .map(|field| format!("query {}", field.name))
        .collect();
    let mut calls = String::new();
    for (rust, path) in generated.generator.names() {
        if let Some(function) = rust.strip_prefix("Client::").filter(|_| callable.contains(&path)) {
            let _ = writeln!(calls, "    calls += call({path:?}, client.{function}()).await;");
        }
    }
    Ok(format!(
        "\n/// Calls every query without required arguments, and returns how many there are.\n\
         pub async fn every_query(client: &Client) -> usize {{\n    let mut calls = 0;\n{calls}    calls\n}}\n"
    ))
}

/// A server that ends with this value.
pub(crate) struct Server {
    process: Child,
    pub(crate) endpoint: String,
}

impl Server {
    /// Serves a schema with made-up data on a free port.
    pub(crate) fn start(folders: &Folders, schema: &Path) -> Result<Self, Error> {
        let mut command = Command::new("node");
        command.arg(folders.engine().join("serve.mjs")).arg(schema);
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(start(&command))?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(start(&command))?;
        }
        let mut server = Self { process, endpoint: String::new() };
        let port: u16 = line.trim().parse().map_err(|_| Error::Port(line.clone()))?;
        server.endpoint = format!("http://127.0.0.1:{port}/graphql");
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
