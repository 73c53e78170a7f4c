//! Peak memory of uploads, against the allowed memory.

use crate::error::Error;
use crate::process::{output, this_program};
use crate::run::{Run, root, scratch};
use crate::table::{Row, Unit};
use clap::{Args, ValueEnum};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio::io::AsyncReadExt as _;
use tokio::runtime::Runtime;
use xurrent::{Client, Upload};
use xurrent_sandbox::{Sandbox, Storage};

/// The large file, and the small one that it is compared with.
const LARGE: u64 = 1 << 30;
const SMALL: u64 = 1 << 16;

/// Memory that the large file may take beyond the small one.
const ALLOWED: f64 = (16 << 20) as f64;

/// Source of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Source {
    Path,
    Reader,
    /// A reader of unknown size.
    Unsized,
}

/// One upload, in a process of its own to measure its peak memory.
#[derive(Debug, Clone, Args)]
pub(crate) struct Side {
    #[arg(long, value_name = "SOURCE", hide = true)]
    upload_side: Option<Source>,
    #[arg(long, hide = true, default_value_t = SMALL)]
    upload_bytes: u64,
    #[arg(long, hide = true, default_value = "")]
    upload_port: String,
}

pub(crate) fn path(run: &Run) -> Result<Row, Error> {
    compare(run, "upload-memory-path", Source::Path)
}

pub(crate) fn reader(run: &Run) -> Result<Row, Error> {
    compare(run, "upload-memory-reader", Source::Reader)
}

pub(crate) fn unsized_reader(run: &Run) -> Result<Row, Error> {
    compare(run, "upload-memory-unsized", Source::Unsized)
}

fn compare(run: &Run, name: &'static str, source: Source) -> Result<Row, Error> {
    run.progress.prepare(name, "starting the sandbox");
    let runtime = Runtime::new()?;
    let schema_path = root().join("schema.json");
    let schema = fs::read_to_string(&schema_path).map_err(Error::file("read", &schema_path))?;
    let builder = Sandbox::builder().schema_json(schema).storage(Storage::s3().keep_content_up_to(0));
    let sandbox = runtime.block_on(builder.start())?;
    let port = sandbox.graphql_url().trim_end_matches("/graphql").to_owned();
    let mut seconds = Vec::new();
    let pairs = run.measure(
        name,
        5,
        || {
            let small = child(source, SMALL, &port)?;
            let started = Instant::now();
            let large = child(source, LARGE, &port)?;
            seconds.push(started.elapsed().as_secs_f64());
            Ok((large - small).max(0.0))
        },
        || Ok(ALLOWED),
    )?;
    let whole = sandbox.uploads().iter().filter(|file| file.size == LARGE).count();
    if whole != seconds.len() {
        return Err(failed("an upload of 1 GiB", io::Error::other("not all of it arrived")));
    }
    let fastest = seconds.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(Row::new(name, pairs, Unit::Bytes)
        .target(1.0)
        .note("peak memory of uploading 1 GiB less that of 64 KiB, against the allowed 16 MiB")
        .note(format!("1 GiB takes {fastest:.1} s to a sandbox on the same machine")))
}

/// Uploads in a process of its own and returns its peak memory in bytes.
fn child(source: Source, bytes: u64, port: &str) -> Result<f64, Error> {
    let name = source.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let arguments = ["--upload-side", &name, "--upload-bytes", &bytes.to_string(), "--upload-port", port];
    Ok(serde_json::from_slice(&output(this_program()?.args(arguments))?)?)
}

impl Side {
    /// Whether this process is one side.
    pub(crate) fn is_given(&self) -> bool {
        self.upload_side.is_some()
    }

    /// Uploads and prints the peak memory of this process in bytes.
    pub(crate) fn run(&self) -> Result<(), Error> {
        let Some(source) = self.upload_side else { return Ok(()) };
        let runtime = Runtime::new()?;
        let file = scratch().join(format!("upload-{}.txt", std::process::id()));
        let bytes = self.upload_bytes;
        let sparse = |path: &Path| {
            fs::create_dir_all(scratch())?;
            File::create(path)?.set_len(bytes)
        };
        let upload = match source {
            Source::Path => {
                sparse(&file).map_err(Error::file("write", &file))?;
                Upload::path(&file)
            }
            Source::Reader => Upload::reader("a.txt", tokio::io::repeat(b'x').take(bytes)).size(bytes),
            Source::Unsized => Upload::reader("a.txt", tokio::io::repeat(b'x').take(bytes)),
        };
        let uploaded = runtime.block_on(upload_to(&self.upload_port, upload));
        if source == Source::Path {
            fs::remove_file(&file).map_err(Error::file("delete", &file))?;
        }
        uploaded?;
        println!("{}", peak()?);
        Ok(())
    }
}

async fn upload_to(origin: &str, upload: Upload) -> xurrent::Result<()> {
    let client = Client::builder()
        .account(xurrent_sandbox::DEMO_ACCOUNT)
        .endpoints(format!("{origin}/graphql"), format!("{origin}/token"))
        .personal_access_token(xurrent_sandbox::DEMO_TOKEN)
        .build()?;
    client.upload(upload).await.map(|_| ())
}

/// Peak memory of this process in bytes, on Linux.
fn peak() -> Result<u64, Error> {
    let path = PathBuf::from("/proc/self/status");
    let status = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kibibytes
        .map(|kibibytes| kibibytes * 1024)
        .ok_or_else(|| failed("reading the peak of memory", io::Error::other("VmHWM is missing")))
}

fn failed(what: &str, source: io::Error) -> Error {
    Error::Command { command: what.to_owned(), source }
}
