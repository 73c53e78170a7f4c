//! The attachment storage of an account, and the rules for what may be sent there.

use super::upload_error;
use crate::address::{has_public_name, is_of_api, port};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use url::Url;
use xurrent_runtime::send::{BRIEF, MIN_SECRET_LEN, lock};
use xurrent_runtime::{
    ClientCore, DecodeError, Decoder, Error, ErrorKind, Json, Object, OperationType, Query, Result,
    RootField, Selection,
};

/// How long a storage is kept. The permission in it lasts longer.
const KEPT: Duration = Duration::from_secs(60);

/// How long to wait for another upload that fetches the storage.
const FETCHED: Duration = Duration::from_secs(5);

/// How many extensions an error lists, and how many characters of each.
const MAX_EXTENSIONS: usize = 100;
const MAX_EXTENSION: usize = 20;

/// The placeholder that the storage replaces with the name of a file.
const FILENAME: &str = "${filename}";

pub(crate) const ATTACHMENT_STORAGE: &RootField = &RootField {
    operation: OperationType::Query,
    name: "attachmentStorage",
    arguments: &[],
    connection: None,
    selection: Selection::Object(<Answer as Object>::TABLE),
};

xurrent_runtime::object! {
    /// The storage as the API describes it.
    object Answer = "AttachmentStorage" {
        upload_uri: Option<String> = "uploadUri": "String",
        provider: String = "provider": "String!",
        provider_parameters: Json = "providerParameters": "JSON!",
        size_limit: i64 = "sizeLimit": "BigInt!",
        allowed_extensions: Vec<String> = "allowedExtensions": "[String!]!",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    /// A bucket that accepts signed requests and nothing else in them.
    S3,
    /// A server of the account, which needs the client's token.
    Local,
}

/// A storage. It is never printed, since its parameters grant permission to upload.
pub(super) struct Storage {
    pub(super) provider: Provider,
    pub(super) uri: Url,
    /// In the order of the response, which is the order of the form.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) size_limit: u64,
    allowed_extensions: Vec<String>,
    /// The same, for errors.
    listed: Vec<String>,
    /// The names of the files that were sent there.
    names: Mutex<HashSet<String>>,
}

/// The last storage, shared by all uploads of a client. While one upload fetches it, others wait; when that
/// fails or is cancelled, the next one fetches it.
#[derive(Default)]
pub(crate) struct Storages {
    kept: Mutex<Option<(Arc<Storage>, Instant)>>,
    /// Held while it is fetched.
    fetching: tokio::sync::Mutex<()>,
}

/// The storages of the accounts that a client and its copies for other accounts were made for.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoragesByAccount(Arc<Mutex<HashMap<String, Arc<Storages>>>>);

impl StoragesByAccount {
    /// Those of an account.
    pub(crate) fn of(&self, account: &str) -> Arc<Storages> {
        Arc::clone(lock(&self.0).entry(account.to_owned()).or_default())
    }
}

impl fmt::Debug for Storages {
    /// Without what allows an upload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Storages")
    }
}

impl Storages {
    /// The storage for a file with this name, and whether it was kept from before.
    pub(super) async fn get(&self, client: &ClientCore, name: &str) -> Result<(Arc<Storage>, bool)> {
        if let Some(storage) = self.known(name) {
            return Ok((storage, true));
        }
        // The other upload may be on a Tokio runtime that does not run: then this one fetches as well.
        let _fetching = match self.fetching.try_lock() {
            Ok(fetching) => Some(fetching),
            Err(_) => timeout(FETCHED, self.fetching.lock()).await.ok(),
        };
        if let Some(storage) = self.known(name) {
            return Ok((storage, true));
        }
        let asked = Instant::now();
        let answer = Query::<Option<Answer>>::new(client, ATTACHMENT_STORAGE).send().await?;
        let storage = Arc::new(Storage::read(answer, client)?);
        storage.has_room_for(name);
        *lock(&self.kept) = Some((Arc::clone(&storage), asked));
        Ok((storage, false))
    }

    /// The last storage, while it is fresh and has no file with this name.
    fn known(&self, name: &str) -> Option<Arc<Storage>> {
        let mut kept = lock(&self.kept);
        *kept = kept.take().filter(|(storage, since)| since.elapsed() < KEPT && storage.has_room_for(name));
        kept.as_ref().map(|(storage, _)| Arc::clone(storage))
    }

    /// Drops a storage that refused a file, so that the next upload fetches it.
    pub(super) fn forget(&self, refused: &Arc<Storage>) {
        lock(&self.kept).take_if(|(storage, _)| Arc::ptr_eq(storage, refused));
    }
}

impl Storage {
    fn read(answer: Option<Answer>, client: &ClientCore) -> Result<Self> {
        let none = "the account has no attachment storage: `attachmentStorage` is null";
        let answer = answer.ok_or_else(|| upload_error(none))?;
        let no_address = "the attachment storage has no URL: `uploadUri` is null";
        let uri = answer.upload_uri.ok_or_else(|| upload_error(no_address))?;
        let secrets = client.secrets();
        let provider = match answer.provider.as_str() {
            "s3" => Provider::S3,
            "local" => Provider::Local,
            other => {
                let kind = secrets.quote(other, BRIEF);
                return Err(upload_error(format!(
                    "unknown provider \"{kind}\" of the attachment storage; expected s3 or local"
                )));
            }
        };
        let uri = Url::parse(&uri)
            .map_err(|error| upload_error("invalid URL of the attachment storage").with_source(error))?;
        check_address(provider, &uri, client)?;
        // Without a source, which could repeat the permission.
        let parameters = ordered(answer.provider_parameters.as_text()).map_err(|_| {
            Error::new(ErrorKind::Decode, "the parameters of the attachment storage are not a JSON object")
        })?;
        // Storages differ in whether case and white space are significant.
        if parameters.iter().any(|(name, _)| name.trim().eq_ignore_ascii_case("file")) {
            return Err(upload_error(
                "the attachment storage has a parameter named `file`, which is reserved for the file",
            ));
        }
        let size_limit = u64::try_from(answer.size_limit).map_err(|error| {
            Error::new(ErrorKind::Decode, "the size limit of the attachment storage is negative")
                .with_source(error)
        })?;
        let extensions = answer.allowed_extensions.iter().take(MAX_EXTENSIONS);
        let listed = extensions.map(|extension| secrets.quote(extension, MAX_EXTENSION)).collect();
        let allowed_extensions = answer.allowed_extensions;
        let names = Mutex::default();
        Ok(Self { provider, uri, parameters, size_limit, allowed_extensions, listed, names })
    }

    /// Reserves a file name. A second file with the same name would replace the first, where the storage
    /// makes the key of a file from its name. A key without the name is for one file.
    fn has_room_for(&self, name: &str) -> bool {
        let key = self.parameters.iter().find(|(parameter, _)| parameter == "key");
        // The storage makes unique keys by itself.
        let Some((_, key)) = key else { return true };
        let place = if key.contains(FILENAME) { name.to_lowercase() } else { String::new() };
        lock(&self.names).insert(place)
    }

    /// Checks the extension, if the storage allows only some.
    pub(super) fn check_name(&self, name: &str) -> Result<()> {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let lower = extension.to_lowercase();
        let allowed = &self.allowed_extensions;
        if allowed.is_empty() || allowed.iter().any(|it| it.trim_start_matches('.').to_lowercase() == lower) {
            return Ok(());
        }
        let more = if allowed.len() > self.listed.len() { ", …" } else { "" };
        let list = self.listed.join(", ");
        Err(upload_error(format!(
            "the storage does not allow {name:?}: the extension must be one of {list}{more}"
        )))
    }

    pub(super) fn check_size(&self, size: u64) -> Result<()> {
        if size <= self.size_limit {
            return Ok(());
        }
        let limit = self.size_limit;
        Err(upload_error(format!("the file has {size} bytes, more than the {limit} that the storage allows")))
    }

    /// The secrets that the storage may repeat: all parameters of the upload but the key, which becomes that
    /// of the file.
    pub(super) fn secrets(&self) -> Vec<String> {
        let parameters = self.parameters.iter().filter(|(name, _)| name != "key");
        let values = parameters.map(|(_, value)| value.clone());
        let values = values.chain(self.uri.query_pairs().map(|(_, value)| value.into_owned()));
        // Shorter values are words and numbers.
        values.filter(|value| value.len() >= MIN_SECRET_LEN).collect()
    }
}

/// Checks that files are sent as encrypted as everything else, and tokens only to servers of the account.
fn check_address(provider: Provider, uri: &Url, client: &ClientCore) -> Result<()> {
    let endpoint = client.endpoint();
    let host = uri.host_str().unwrap_or_default();
    let refuse = |why: &str| {
        let host = client.secrets().quote(host, BRIEF);
        Err(upload_error(format!("refused to upload to the attachment storage at \"{host}\": {why}")))
    };
    let plain = endpoint.scheme_str() == Some("http");
    if uri.scheme() != "https" && !(plain && uri.scheme() == "http") {
        return refuse("its URL is not `https`");
    }
    if host.is_empty() || !uri.username().is_empty() || uri.password().is_some() {
        return refuse("its URL must have a host and no user name");
    }
    let known = endpoint.host().unwrap_or_default();
    let same_port = uri.port_or_known_default() == port(endpoint);
    let is_own = host.eq_ignore_ascii_case(known)
        || known.strip_prefix("graphql.").is_some_and(|domain| {
            let below = host.strip_suffix(domain);
            below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
        });
    if provider == Provider::Local && !(is_own && same_port) {
        return refuse("tokens are sent only to servers of the account");
    }
    // Servers within the own network may trust every request.
    if provider == Provider::S3 && !is_of_api(uri, endpoint) && !has_public_name(uri) {
        return refuse("its URL has no public host name");
    }
    Ok(())
}

/// The entries of a JSON object in order. Values that are not strings are sent as JSON, null as an empty
/// string.
fn ordered(json: &str) -> Result<Vec<(String, String)>, DecodeError> {
    let (mut decoder, mut entries) = (Decoder::new(json.as_bytes()), Vec::new());
    decoder.entries("an object", &mut |decoder, name| {
        let value = match decoder.raw()? {
            "null" => String::new(),
            // Strings are unescaped, all others kept.
            json => serde_json::from_str(json).unwrap_or_else(|_| json.to_owned()),
        };
        entries.push((name.to_owned(), value));
        Ok(())
    })?;
    decoder.finish().map(|()| entries)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn parameters_keep_their_order_and_become_texts() {
        let json = r#"{"z": "a\u00e9/${filename}", "a": 201, "m": true, "f": 1.50, "n": null, "o": {"b":[1]}, "a": "2"}"#;
        let expected = [
            ("z", "aé/${filename}"),
            ("a", "201"),
            ("m", "true"),
            ("f", "1.50"),
            ("n", ""),
            ("o", r#"{"b":[1]}"#),
            ("a", "2"),
        ];
        let read = ordered(json).unwrap();
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, expected);
        for json in ["[]", "null", "1", "[[\"a\", \"b\"]]"] {
            assert!(ordered(json).is_err(), "{json}");
        }
    }

    fn storage(extensions: &[&str], size_limit: u64) -> Storage {
        Storage {
            provider: Provider::S3,
            uri: Url::parse("https://bucket.example").unwrap(),
            parameters: Vec::new(),
            size_limit,
            allowed_extensions: extensions.iter().map(|it| (*it).to_owned()).collect(),
            listed: Vec::new(),
            names: Mutex::default(),
        }
    }

    #[test]
    fn extensions_have_no_case_and_no_dot() {
        let some = storage(&["pdf", "JPG", ".png", "ÄÖ"], 0);
        for name in ["a.pdf", "a.PDF", "a.b.jpg", ".Png", "a.äö"] {
            assert!(some.check_name(name).is_ok(), "{name}");
        }
        for name in ["a", "pdf", "a.pdf.exe", "a.pdfx", "a.", "a.pdf ", "pdf.a", ""] {
            assert!(some.check_name(name).is_err(), "{name}");
        }
        assert!(storage(&[], 0).check_name("a.exe").is_ok() && storage(&[], 0).check_name("a").is_ok());
    }

    #[test]
    fn a_file_may_be_as_large_as_the_limit() {
        for limit in [0, 1, 2_147_483_648, i64::MAX as u64] {
            assert!(storage(&[], limit).check_size(limit).is_ok());
            assert!(storage(&[], limit).check_size(limit + 1).is_err());
        }
    }
}
