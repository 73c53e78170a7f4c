//! What the API says about where files go, and what must not be sent there.

use crate::address::{has_public_name, is_of_api};
use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use url::Url;
use xurrent_runtime::send::{BRIEF, MIN_SECRET_LEN};
use xurrent_runtime::{
    ClientCore, Decoded, Decoder, Error, ErrorKind, Field, Json, Object, OperationType, Query, Result,
    RootField, Selection, Table,
};

/// How long an answer is good for. The permission in it lasts longer.
const KEPT: Duration = Duration::from_secs(60);

/// How long another upload is waited for that fetches the answer.
const FETCHED: Duration = Duration::from_secs(5);

/// How many extensions are listed when a file has none of them, and how many characters of each.
const MAX_EXTENSIONS: usize = 100;
const MAX_EXTENSION: usize = 20;

/// What the storage puts the name of a file for.
const FILENAME: &str = "${filename}";

/// The root field that is asked.
pub(crate) const ATTACHMENT_STORAGE: &RootField = &RootField {
    operation: OperationType::Query,
    name: "attachmentStorage",
    arguments: &[],
    connection: false,
    selection: Selection::Object(<Answer as Object>::TABLE),
};

/// What the API answers.
pub(crate) struct Answer {
    upload_uri: Option<String>,
    provider: String,
    provider_parameters: Json,
    size_limit: i64,
    allowed_extensions: Vec<String>,
}

impl Field for Answer {
    fn vacant() -> Self {
        Self {
            upload_uri: None,
            provider: Field::vacant(),
            provider_parameters: Field::vacant(),
            size_limit: Field::vacant(),
            allowed_extensions: Field::vacant(),
        }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        decoder.object(
            Self::TABLE,
            &mut [
                &mut self.upload_uri,
                &mut self.provider,
                &mut self.provider_parameters,
                &mut self.size_limit,
                &mut self.allowed_extensions,
            ],
        )
    }
}

impl Object for Answer {
    const TABLE: &'static Table = &Table {
        name: "AttachmentStorage",
        fields: &["uploadUri", "provider", "providerParameters", "sizeLimit", "allowedExtensions"],
        nested: &[],
    };
}

/// The kinds of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    /// A bucket that takes what was signed for it and nothing else in the request.
    S3,
    /// The account's own server, which wants to know who asks.
    Local,
}

/// Where files go. Never shown: its parameters are what allows an upload.
pub(super) struct Storage {
    pub(super) provider: Provider,
    pub(super) uri: Url,
    /// In the order in which they came, which is the order in which they are sent.
    pub(super) parameters: Vec<(String, String)>,
    pub(super) size_limit: u64,
    allowed_extensions: Vec<String>,
    /// The same, as they can be shown.
    listed: Vec<String>,
    /// What was sent there.
    names: Mutex<HashSet<String>>,
}

/// The last answer, shared by all uploads of a client. Whoever needs it while it is fetched waits for
/// it; when that fails or is given up, the next one fetches.
#[derive(Default)]
pub(crate) struct Storages {
    kept: Mutex<Option<(Arc<Storage>, Instant)>>,
    /// Held while it is fetched.
    fetching: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Storages {
    /// Without what allows an upload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Storages")
    }
}

impl Storages {
    /// Where a file with this name goes now, and whether that was known before.
    pub(super) async fn get(&self, client: &ClientCore, name: &str) -> Result<(Arc<Storage>, bool)> {
        if let Some(storage) = self.known(name) {
            return Ok((storage, true));
        }
        // Whoever fetches may be on a runtime that is not driven: then this upload fetches as well.
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
        *self.kept() = Some((Arc::clone(&storage), asked));
        Ok((storage, false))
    }

    /// The last answer, as long as it is good and the file has a place of its own there.
    fn known(&self, name: &str) -> Option<Arc<Storage>> {
        let mut kept = self.kept();
        let is_good =
            |(storage, since): &(Arc<Storage>, Instant)| since.elapsed() < KEPT && storage.has_room_for(name);
        if kept.as_ref().is_some_and(is_good) {
            return kept.as_ref().map(|(storage, _)| Arc::clone(storage));
        }
        *kept = None;
        None
    }

    /// A storage has refused what it was sent: the next upload asks again.
    pub(super) fn forget(&self, refused: &Arc<Storage>) {
        let mut kept = self.kept();
        if kept.as_ref().is_some_and(|(storage, _)| Arc::ptr_eq(storage, refused)) {
            *kept = None;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Option<(Arc<Storage>, Instant)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage {
    fn read(answer: Option<Answer>, client: &ClientCore) -> Result<Self> {
        let unusable = |why: String| Error::new(ErrorKind::Upload, why);
        let none = "the account has no storage for attachments: `attachmentStorage` is null";
        let mut answer = answer.ok_or_else(|| unusable(none.to_owned()))?;
        let no_address = "the account has no storage address for attachments: `uploadUri` is null";
        let uri = answer.upload_uri.take().ok_or_else(|| unusable(no_address.to_owned()))?;
        let secrets = client.secrets();
        let provider = match answer.provider.as_str() {
            "s3" => Provider::S3,
            "local" => Provider::Local,
            other => {
                let kind = secrets.quote(other, BRIEF);
                return Err(unusable(format!("the attachment storage is of no known kind: \"{kind}\"")));
            }
        };
        let uri = Url::parse(&uri).map_err(|error| {
            unusable("the address of the attachment storage is no URL".to_owned()).with_source(error)
        })?;
        check_address(provider, &uri, client)?;
        // Without a source: it could repeat what allows an upload.
        let parameters = ordered(answer.provider_parameters.as_text()).map_err(|_| {
            Error::new(ErrorKind::Decode, "the parameters of the attachment storage are no JSON object")
        })?;
        // Storages do not agree on whether case and white space make another name.
        if parameters.iter().any(|(name, _)| name.trim().eq_ignore_ascii_case("file")) {
            return Err(unusable("the attachment storage has a parameter in place of the file".to_owned()));
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

    /// Takes a place there. Where the key of a file is made from its name, a second file with the same
    /// name would replace the first; a key without a name in it is one for one file.
    fn has_room_for(&self, name: &str) -> bool {
        let key = self.parameters.iter().find(|(parameter, _)| parameter == "key");
        // The storage makes the keys by itself.
        let Some((_, key)) = key else { return true };
        let place = if key.contains(FILENAME) { name.to_lowercase() } else { String::new() };
        self.names.lock().unwrap_or_else(PoisonError::into_inner).insert(place)
    }

    /// The storage takes only some kinds of files.
    pub(super) fn check_name(&self, name: &str) -> Result<()> {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let lower = extension.to_lowercase();
        let allowed = &self.allowed_extensions;
        if allowed.is_empty() || allowed.iter().any(|it| it.trim_start_matches('.').to_lowercase() == lower) {
            return Ok(());
        }
        let more = if allowed.len() > self.listed.len() { ", …" } else { "" };
        let list = format!("{}{more}", self.listed.join(", "));
        Err(Error::new(
            ErrorKind::Upload,
            format!("the storage takes no file like {name:?}: its extension must be one of {list}"),
        ))
    }

    /// The storage takes files up to its limit, which is allowed.
    pub(super) fn check_size(&self, size: u64) -> Result<()> {
        if size <= self.size_limit {
            return Ok(());
        }
        let limit = self.size_limit;
        Err(Error::new(
            ErrorKind::Upload,
            format!("the file has {size} bytes, and the storage takes {limit} at most"),
        ))
    }

    /// What must not be seen in what the storage says: everything that was handed out for the upload
    /// but the key, which is going to be the file's.
    pub(super) fn secrets(&self) -> Vec<String> {
        let parameters = self.parameters.iter().filter(|(name, _)| name != "key");
        let values = parameters.map(|(_, value)| value.clone());
        let values = values.chain(self.uri.query_pairs().map(|(_, value)| value.into_owned()));
        // Shorter ones are words and numbers.
        values.filter(|value| value.len() >= MIN_SECRET_LEN).collect()
    }
}

/// Files travel no less protected than everything else, and credentials to the account's own servers
/// only.
fn check_address(provider: Provider, uri: &Url, client: &ClientCore) -> Result<()> {
    let endpoint = client.endpoint();
    let host = uri.host_str().unwrap_or_default();
    let refuse = |why: &str| {
        let host = client.secrets().quote(host, BRIEF);
        let message = format!("nothing is sent to the attachment storage at \"{host}\": {why}");
        Err(Error::new(ErrorKind::Upload, message))
    };
    let plain = endpoint.scheme_str() == Some("http");
    if uri.scheme() != "https" && !(plain && uri.scheme() == "http") {
        return refuse("its address is not `https`");
    }
    if host.is_empty() || !uri.username().is_empty() || uri.password().is_some() {
        return refuse("its address must have a host and no user name");
    }
    let known = endpoint.host().unwrap_or_default();
    let port = |scheme: Option<&str>, port: Option<u16>| {
        port.unwrap_or(if scheme == Some("http") { 80 } else { 443 })
    };
    let same_port = port(Some(uri.scheme()), uri.port()) == port(endpoint.scheme_str(), endpoint.port_u16());
    let is_own = host.eq_ignore_ascii_case(known)
        || known.strip_prefix("graphql.").is_some_and(|domain| {
            let below = host.strip_suffix(domain);
            below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
        });
    if provider == Provider::Local && !(is_own && same_port) {
        return refuse("credentials go to the account's own servers only");
    }
    // Whatever is sent into one's own network reaches what trusts everybody there.
    if provider == Provider::S3 && !is_of_api(uri, endpoint) && !has_public_name(uri) {
        return refuse("its address is not that of a public server");
    }
    Ok(())
}

/// The entries of a JSON object in their order. What is no text is sent as its JSON, and null as
/// nothing.
fn ordered(json: &str) -> serde_json::Result<Vec<(String, String)>> {
    struct Entries;
    impl<'de> Visitor<'de> for Entries {
        type Value = Vec<(String, String)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
            let mut entries = Vec::new();
            while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                entries.push((name, text(value.get())));
            }
            Ok(entries)
        }
    }
    serde_json::Deserializer::from_str(json).deserialize_map(Entries)
}

fn text(json: &str) -> String {
    match json {
        "null" => String::new(),
        // What is a text can be read as one.
        json => serde_json::from_str(json).unwrap_or_else(|_| json.to_owned()),
    }
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
