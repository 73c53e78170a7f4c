//! Peak memory of uploads, against the allowed memory.

use crate::error::{Error, file};
use crate::files::{read, schema, scratch};
use crate::process::{peak_memory, this_program};
use crate::run::Run;
use crate::table::{Row, Unit};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Source {
    Path,
    Reader,
    /// A reader of unknown size.
    Unsized,
}

/// One upload, in a process of its own to measure its peak memory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Side {
    source: Source,
    bytes: u64,
    /// Scheme, host and port of the sandbox.
    origin: String,
}

pub(crate) fn compare(run: &Run<'_>, source: Source) -> Result<Row, Error> {
    run.prepare("starting the sandbox");
    let runtime = Runtime::new()?;
    let storage = Storage::s3().keep_content_up_to(0);
    let builder = Sandbox::builder().schema_json(read(&schema())?).storage(storage);
    let sandbox = runtime.block_on(builder.start())?;
    let origin = sandbox.graphql_url().trim_end_matches("/graphql").to_owned();
    let peak = |bytes| -> Result<f64, Error> {
        let side = Side { source, bytes, origin: origin.clone() };
        Ok(serde_json::from_slice(&this_program("--upload-side", &side)?)?)
    };
    let mut seconds = Vec::new();
    let ours = || {
        let small = peak(SMALL)?;
        let started = Instant::now();
        let large = peak(LARGE)?;
        seconds.push(started.elapsed().as_secs_f64());
        Ok((large - small).max(0.0))
    };
    let pairs = run.measure(5, ours, || Ok(ALLOWED))?;
    let whole = sandbox.uploads().iter().filter(|file| file.size == LARGE).count();
    if whole != seconds.len() {
        return Err("not all bytes of an upload of 1 GiB arrived".into());
    }
    let fastest = seconds.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(run
        .row(pairs, Unit::Bytes)
        .target(1.0)
        .note("peak memory of uploading 1 GiB less that of 64 KiB, against the allowed 16 MiB")
        .note(format!("1 GiB takes {fastest:.1} s to a sandbox on the same machine")))
}

impl Side {
    /// Uploads and prints the peak memory of this process in bytes.
    pub(crate) fn run(&self) -> Result<(), Error> {
        let Self { source, bytes, ref origin } = *self;
        let path = scratch().join(format!("upload-{}.txt", std::process::id()));
        let reader = || Upload::reader("a.txt", tokio::io::repeat(b'x').take(bytes));
        let upload = match source {
            Source::Path => {
                fs::create_dir_all(scratch())?;
                let sparse = File::create(&path).and_then(|file| file.set_len(bytes));
                sparse.map_err(file("write", &path))?;
                Upload::path(&path)
            }
            Source::Reader => reader().size(bytes),
            Source::Unsized => reader(),
        };
        let uploaded = Runtime::new()?.block_on(upload_to(origin, upload));
        if source == Source::Path {
            fs::remove_file(&path).map_err(file("delete", &path))?;
        }
        uploaded?;
        println!("{}", peak_memory()?);
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
