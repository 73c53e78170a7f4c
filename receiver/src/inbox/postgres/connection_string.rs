//! Connection strings with `sslmode` and `sslrootcert`, which `tokio-postgres` does not read in full.

use super::tls::{InvalidConnectionString, Tls, Verify, invalid};
use percent_encoding::percent_decode_str;
use std::path::PathBuf;
use std::str::FromStr;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// How to connect to a server: what a connection string says, with its TLS.
///
/// `sslmode` is that of `libpq`, and `prefer` by default:
///
/// | `sslmode` | encrypted | the certificate of the server |
/// | --- | --- | --- |
/// | `disable` | never | |
/// | `prefer` | if the server offers it | is not checked |
/// | `require` | always | is not checked, unless there is an `sslrootcert` |
/// | `verify-ca` | always | is signed by an authority of `sslrootcert` |
/// | `verify-full` | always | is signed by an authority of `sslrootcert` or of the system, for this host |
///
/// `sslrootcert` is the absolute path of a PEM file, or `system`. Only `verify-full` protects from a stranger
/// between this machine and the server.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use xurrent_receiver::inbox::postgres::{ConnectOptions, PostgresInbox};
///
/// let url = "postgres://receiver@db.example.com/webhooks?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem";
/// let ConnectOptions { config, tls } = url.parse()?;
/// let inbox = PostgresInbox::builder(config).open(tls).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// Where to connect to, and as whom.
    pub config: Config,
    /// The connector of TLS.
    pub tls: Tls,
}

impl FromStr for ConnectOptions {
    type Err = InvalidConnectionString;

    /// Reads a URL, or pairs such as `host=db.example.com user=receiver`, and the file of `sslrootcert`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut ssl = Ssl::default();
        let rest = match text.contains("://") {
            true => ssl.take_from_url(text),
            false => ssl.take_from_pairs(text),
        };
        // The error could repeat a part of the text.
        let mut config: Config = rest.parse().map_err(|_| invalid("not a connection string"))?;
        let (mode, verify) = ssl.check(&config)?;
        config.ssl_mode(mode);
        Ok(Self { config, tls: Tls::new(mode, verify)? })
    }
}

/// What a connection string says about TLS.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ssl {
    mode: Option<String>,
    root: Option<String>,
}

impl Ssl {
    fn set(&mut self, key: &str, value: impl Into<String>) -> bool {
        match key {
            "sslmode" => self.mode = Some(value.into()),
            "sslrootcert" => self.root = Some(value.into()),
            _ => return false,
        }
        true
    }

    /// Removes the parameters from a URL.
    fn take_from_url(&mut self, url: &str) -> String {
        let Some((start, query)) = url.split_once('?') else { return url.to_owned() };
        let is_other = |parameter: &&str| {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            !self.set(key, percent_decode_str(value).decode_utf8_lossy())
        };
        let others: Vec<&str> = query.split('&').filter(is_other).collect();
        if others.is_empty() { start.to_owned() } else { format!("{start}?{}", others.join("&")) }
    }

    /// Removes the pairs from `key=value key='value'`. Everything else is left for the parser of the rest.
    fn take_from_pairs(&mut self, text: &str) -> String {
        let mut others = String::new();
        let mut rest = text.trim_start();
        while let Some((key, after)) = rest.split_once('=') {
            let after = after.trim_start();
            let (value, length) = value(after);
            let (pair, next) = rest.split_at(rest.len() - after.len() + length);
            if !self.set(key.trim(), value) {
                others += pair;
                others.push(' ');
            }
            rest = next.trim_start();
        }
        others + rest
    }

    fn check(self, config: &Config) -> Result<(SslMode, Verify), InvalidConnectionString> {
        let is_local = |host: &Host| !matches!(host, Host::Tcp(_));
        let hosts = config.get_hosts();
        let mode = self.mode.as_deref().unwrap_or("prefer");
        let verify = match (mode, self.root.as_deref()) {
            ("disable", None) => return Ok((SslMode::Disable, Verify::Nothing)),
            // An address alone has no name to ask for.
            ("prefer", None) if hosts.is_empty() => return Ok((SslMode::Disable, Verify::Nothing)),
            ("prefer", None) => return Ok((SslMode::Prefer, Verify::Nothing)),
            ("disable" | "prefer", Some(_)) => {
                let why = "`sslrootcert` is not used with this `sslmode`: set `sslmode=verify-full`";
                return Err(invalid(why));
            }
            ("require", None) => Verify::Nothing,
            ("verify-full", None | Some("system")) => Verify::System,
            ("verify-ca", None) | ("require" | "verify-ca", Some("system")) => {
                let why = "anyone can have a certificate of the authorities of the system: set \
                           `sslmode=verify-full`, or name the file of an authority with `sslrootcert`";
                return Err(invalid(why));
            }
            ("require" | "verify-ca", Some(file)) => Verify::Authority(read(file)?),
            ("verify-full", Some(file)) => Verify::AuthorityAndName(read(file)?),
            (other, _) => {
                let known = "disable, prefer, require, verify-ca, verify-full";
                return Err(invalid(format!("unknown `sslmode` {other:?}; expected one of {known}")));
            }
        };
        if hosts.is_empty() || hosts.iter().any(is_local) {
            let why = "needs a host with a name; for a Unix socket set `sslmode=disable`";
            return Err(invalid(format!("`sslmode={mode}` {why}")));
        }
        Ok((SslMode::Require, verify))
    }
}

/// Reads a value, which can be quoted, and its length in the text.
fn value(text: &str) -> (String, usize) {
    let quoted = text.starts_with('\'');
    let (mut value, mut is_escaped) = (String::new(), false);
    for (at, char) in text.char_indices().skip(usize::from(quoted)) {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' => {
                is_escaped = true;
                continue;
            }
            '\'' if quoted => return (value, at + 1),
            char if !quoted && char.is_whitespace() => return (value, at),
            _ => {}
        }
        value.push(char);
    }
    (value, text.len())
}

fn read(file: &str) -> Result<String, InvalidConnectionString> {
    let path = PathBuf::from(file);
    if !path.is_absolute() {
        let why = "expected an absolute path, or `system`";
        return Err(invalid(format!("`sslrootcert` {file:?}: {why}")));
    }
    std::fs::read_to_string(path)
        .map_err(|error| invalid(format!("`sslrootcert`: cannot read {file}: {error}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed test should stop")]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_tls_are_taken_out_of_both_kinds_of_connection_strings() {
        let cases = [
            ("postgres://u:p@h/d", "postgres://u:p@h/d", None, None),
            ("postgres://h/d?sslmode=require", "postgres://h/d", Some("require"), None),
            (
                "postgres://h/d?a=b&sslmode=verify-ca&sslrootcert=%2Fca%20.pem&c=d",
                "postgres://h/d?a=b&c=d",
                Some("verify-ca"),
                Some("/ca .pem"),
            ),
            ("host=h sslmode=disable user=u", "host=h user=u", Some("disable"), None),
            (
                "host=h options='-c sslmode=x \\' y'  sslrootcert = '/a b/\\'c' password='sslmode=1'",
                "host=h options='-c sslmode=x \\' y' password='sslmode=1'",
                None,
                Some("/a b/'c"),
            ),
            ("host", "host", None, None),
            ("", "", None, None),
        ];
        for (text, rest, mode, root) in cases {
            let mut ssl = Ssl::default();
            let found = match text.contains("://") {
                true => ssl.take_from_url(text),
                false => ssl.take_from_pairs(text),
            };
            assert_eq!(found.trim_end(), rest, "{text}");
            assert_eq!((ssl.mode.as_deref(), ssl.root.as_deref()), (mode, root), "{text}");
        }
    }

    #[test]
    fn contradictions_are_refused_with_what_to_do_and_without_the_password() {
        let cases = [
            ("host=h password=hunter2 prot=1", "not a connection string"),
            (
                "host=h password=hunter2 sslmode=allow",
                "unknown `sslmode` \"allow\"; expected one of disable, ",
            ),
            ("host=h password=hunter2 sslmode=verify-ca", "name the file of an authority with `sslrootcert`"),
            ("host=h sslmode=verify-ca sslrootcert=system", "set `sslmode=verify-full`, or name the file"),
            (
                "host=h sslrootcert=/x",
                "`sslrootcert` is not used with this `sslmode`: set `sslmode=verify-full`",
            ),
            ("host=h sslmode=require sslrootcert=x", "`sslrootcert` \"x\": expected an absolute path"),
            ("host=h sslmode=verify-full sslrootcert=/none", "`sslrootcert`: cannot read /none: "),
            ("host=/run sslmode=require", "for a Unix socket set `sslmode=disable`"),
        ];
        for (text, expected) in cases {
            let error = text.parse::<ConnectOptions>().unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("hunter2"), "{text}: {error}");
        }
        for (text, mode) in [
            ("host=h", SslMode::Prefer),
            ("host=/run/postgresql", SslMode::Prefer),
            ("host=h sslmode=disable", SslMode::Disable),
            ("hostaddr=127.0.0.1", SslMode::Disable),
        ] {
            assert_eq!(text.parse::<ConnectOptions>().unwrap().config.get_ssl_mode(), mode, "{text}");
        }
    }
}
