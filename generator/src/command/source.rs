//! Where a schema comes from: a file, or an endpoint with headers.

use super::Error;
use clap::Args;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Arguments for the schema. `Debug` would print values of headers, so it is not there.
#[derive(Args)]
pub(super) struct Source {
    /// Schema: a file with an introspection result as JSON, with or without `data` around it, or with SDL; or
    /// the URL of a GraphQL endpoint, which is asked for it.
    #[arg(long, value_name = "FILE|URL")]
    pub(super) schema: String,
    #[command(flatten)]
    fetch: Fetch,
}

/// How a schema is fetched. Values of headers are never printed.
#[derive(Args)]
#[command(next_help_heading = "Fetch the schema from a URL")]
pub(super) struct Fetch {
    /// Header of the request. Other users can see arguments: prefer --header-env for secrets.
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// Header whose value is in an environment variable, such as `Authorization=Bearer TOKEN` for `$TOKEN`.
    #[arg(long, value_name = "NAME=[SCHEME ]VARIABLE")]
    header_env: Vec<String>,
    /// File with headers, a line `Name: value` each.
    #[arg(long, value_name = "FILE")]
    header_file: Option<PathBuf>,
    /// Timeout for the whole response.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// Accept a URL of plain `http` beyond this machine. Others can read the headers then.
    #[arg(long)]
    allow_plain_http: bool,
}

impl Source {
    /// Whether the schema is at a URL.
    pub(super) fn is_url(&self) -> bool {
        ["http://", "https://"].iter().any(|scheme| self.schema.starts_with(scheme))
    }

    /// The text of the schema.
    pub(super) fn read(&self) -> Result<String, Error> {
        if self.is_url() {
            return self.fetch.run(&self.schema);
        }
        let file = Path::new(&self.schema);
        fs::read_to_string(file).map_err(Error::file("read", file))
    }
}

impl Fetch {
    /// The headers of all arguments.
    #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "for the program that fetches"))]
    fn headers(&self) -> Result<Vec<(String, String)>, Error> {
        let mut headers = Vec::new();
        for (index, header) in self.header.iter().enumerate() {
            let place = || format!("--header number {}", index + 1);
            headers.push(split(header).ok_or_else(|| Error::Header(place()))?);
        }
        for header in &self.header_env {
            let Some((name, value)) = header.split_once('=') else {
                return Err(Error::Header(format!("--header-env {header}")));
            };
            let (scheme, variable) = value.rsplit_once(' ').unwrap_or(("", value));
            let value = env::var(variable).map_err(|_| Error::Variable(variable.to_owned()))?;
            headers.push((name.trim().to_owned(), format!("{scheme} {value}").trim().to_owned()));
        }
        if let Some(file) = &self.header_file {
            let text = fs::read_to_string(file).map_err(Error::file("read", file))?;
            for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                let place = || format!("line {} of {}", index + 1, file.display());
                headers.push(split(line).ok_or_else(|| Error::Header(place()))?);
            }
        }
        Ok(headers)
    }

    #[cfg(feature = "cli")]
    pub(super) fn run(&self, url: &str) -> Result<String, Error> {
        let endpoint = crate::fetch::Endpoint {
            url: url.to_owned(),
            headers: self.headers()?.into_iter().map(|(name, value)| (name, value.into())).collect(),
            allow_plain_http: self.allow_plain_http,
        };
        let failed = |source| Error::Fetch { url: xurrent_runtime::redact_url(url), source };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| failed(error.into()))?;
        let introspection = endpoint.introspect(std::time::Duration::from_secs(self.timeout));
        runtime.block_on(introspection).map_err(|error| failed(error.into()))
    }

    #[cfg(not(feature = "cli"))]
    pub(super) fn run(&self, url: &str) -> Result<String, Error> {
        let source = "this program has no HTTP client: enable the feature `cli` of `xurrent-generator`";
        Err(Error::Fetch { url: url.to_owned(), source: source.into() })
    }
}

/// The name and the value of a header.
fn split(header: &str) -> Option<(String, String)> {
    let (name, value) = header.split_once(':')?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}
