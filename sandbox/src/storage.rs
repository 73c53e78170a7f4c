//! The attachment storage: its settings, its files, and the permissions to upload more.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::defaults::NO_ORIGIN;
use crate::store::Fields;

pub(crate) const PATH: &str = "/storage";

const FILENAME: &str = "${filename}";

const PREFIX: &str = "attachments/5";

/// The names of the signature parameter, by provider.
const S3_SIGNATURE: &str = "X-Amz-Signature";
const LOCAL_SIGNATURE: &str = "X-Xurrent-signature";
const LOCAL_EXPIRATION: &str = "X-Xurrent-expiration";
const POLICY: &str = "policy";

/// The attachment storage of the account, for
/// [`SandboxBuilder::storage`](crate::SandboxBuilder::storage).
#[derive(Debug, Clone)]
#[must_use = "a storage has no effect until it is given to a sandbox"]
pub struct Storage {
    pub(crate) provider: Option<Provider>,
    pub(crate) size_limit: u64,
    allowed_extensions: Vec<String>,
    lifetime: Duration,
    kept: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provider {
    S3,
    Local,
}

impl Storage {
    /// An S3 bucket. It requires all signed fields in their order and a `Content-Length`, refuses other
    /// credentials, and responds in XML.
    pub fn s3() -> Self {
        Self {
            provider: Some(Provider::S3),
            // The largest value an Int of the GraphQL specification can carry.
            size_limit: 2_147_483_647,
            allowed_extensions: ["csv", "jpg", "log", "pdf", "png", "txt"].map(str::to_owned).to_vec(),
            lifetime: Duration::from_secs(3_600),
            kept: 16 * 1024 * 1024,
        }
    }

    /// The account's own server. It requires all signed fields and the credentials of the API, and
    /// responds in JSON.
    pub fn local() -> Self {
        Self { provider: Some(Provider::Local), ..Self::s3() }
    }

    /// No storage: `attachmentStorage` is null.
    pub fn none() -> Self {
        Self { provider: None, ..Self::s3() }
    }

    /// The maximum file size in bytes. Default and maximum: 2,147,483,647, the largest `Int`.
    pub fn size_limit(mut self, bytes: u64) -> Self {
        self.size_limit = bytes.min(2_147_483_647);
        self
    }

    /// The allowed file extensions, without a dot; an empty list allows all. Default: `csv`, `jpg`, `log`,
    /// `pdf`, `png` and `txt`.
    pub fn allowed_extensions<S: Into<String>>(mut self, extensions: impl IntoIterator<Item = S>) -> Self {
        self.allowed_extensions = extensions.into_iter().map(Into::into).collect();
        self
    }

    /// The lifetime of an upload permission. An expired one is refused with 403. Default: an hour.
    pub fn permission_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// The maximum size of files whose content is kept; of larger files only the size and a hash are
    /// kept. Default: 16 MiB.
    pub fn keep_content_up_to(mut self, bytes: u64) -> Self {
        self.kept = bytes;
        self
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self::s3()
    }
}

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedFile {
    /// The key that inputs refer to.
    pub key: String,
    /// The file name in the form.
    pub filename: String,
    /// The content type in the form.
    pub content_type: String,
    /// The size in bytes.
    pub size: u64,
    /// A hash of its content: see [`content_hash`].
    pub hash: u64,
    /// The content, if it is small enough to be kept.
    pub content: Option<Vec<u8>>,
}

/// The hash of a file's content that an [`UploadedFile`] has: FNV-1a with 64 bits.
#[must_use]
pub fn content_hash(content: &[u8]) -> u64 {
    hash_on(0xcbf2_9ce4_8422_2325, content)
}

fn hash_on(hash: u64, content: &[u8]) -> u64 {
    content.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[derive(Debug)]
pub(crate) struct Uploads {
    pub(crate) storage: Storage,
    permissions: AtomicU64,
    pub(crate) files: Mutex<BTreeMap<String, UploadedFile>>,
}

impl Uploads {
    pub(crate) fn new(storage: Storage, known: impl IntoIterator<Item = UploadedFile>) -> Self {
        let files = known.into_iter().map(|file| (file.key.clone(), file));
        Self { storage, permissions: AtomicU64::new(0), files: Mutex::new(files.collect()) }
    }

    pub(crate) fn get(&self, key: &str) -> Option<UploadedFile> {
        self.files.lock().get(key).cloned()
    }

    /// The value of `attachmentStorage`: an upload URL with a permission.
    pub(crate) fn permission(&self, origin: &str) -> Option<Fields> {
        let Storage { provider, size_limit, allowed_extensions, lifetime, .. } = &self.storage;
        let provider = (*provider)?;
        let (number, until) = match origin {
            // Nothing can be uploaded there, so the permission is constant and expired.
            NO_ORIGIN => (0, 0),
            _ => {
                let lifetime = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
                (
                    self.permissions.fetch_add(1, Ordering::Relaxed) + 1,
                    Timestamp::now().as_millisecond().saturating_add(lifetime),
                )
            }
        };
        let key = format!("{PREFIX}/{number:06x}/{FILENAME}");
        let (name, signature, mut parameters) = match provider {
            Provider::S3 => {
                let parameters = json!({
                    "key": key,
                    "acl": "private",
                    // A number, as on the real server.
                    "success_action_status": 201,
                    POLICY: BASE64_STANDARD.encode(json!({ "until": until }).to_string()),
                    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                    "X-Amz-Credential": "SANDBOXKEYID/20250601/eu-west-1/s3/aws4_request",
                });
                ("s3", S3_SIGNATURE, parameters)
            }
            Provider::Local => ("local", LOCAL_SIGNATURE, json!({ "key": key, LOCAL_EXPIRATION: until })),
        };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let texts = parameters.as_object().into_iter().flatten();
        let texts: Vec<_> = texts.map(|(name, value)| (name.clone(), text(value))).collect();
        parameters[signature] = json!(sign(&texts));
        let storage = json!({
            "allowedExtensions": allowed_extensions,
            "provider": name,
            "providerParameters": parameters,
            "sizeLimit": size_limit,
            "uploadUri": format!("{origin}{PATH}"),
        });
        storage.as_object().cloned()
    }

    /// Checks that the parameters of a form are those of a permission, complete and in their order, and
    /// returns the key with the name of the file.
    ///
    /// # Errors
    /// An error code of S3 and a message.
    pub(crate) fn authorize(
        &self,
        parameters: &[(String, String)],
        filename: &str,
    ) -> Result<String, (&'static str, &'static str)> {
        const UNSIGNED: (&str, &str) =
            ("SignatureDoesNotMatch", "The fields are not those that were signed.");
        let find = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, text)| text);
        let signature = [S3_SIGNATURE, LOCAL_SIGNATURE].into_iter().find_map(find);
        let signed: Vec<_> = parameters
            .iter()
            .filter(|(name, _)| ![S3_SIGNATURE, LOCAL_SIGNATURE].contains(&name.as_str()))
            .cloned()
            .collect();
        let in_order = parameters.is_sorted_by(|(one, _), (other, _)| one < other);
        if signature != Some(&sign(&signed)) || !in_order {
            return Err(UNSIGNED);
        }
        let until = match self.storage.provider {
            Some(Provider::Local) => find(LOCAL_EXPIRATION).and_then(|until| until.parse().ok()),
            _ => find(POLICY).and_then(|policy| until(policy)),
        };
        if until.is_none_or(|until| until <= Timestamp::now().as_millisecond()) {
            return Err(("AccessDenied", "Invalid according to Policy: Policy expired."));
        }
        // The name is the last segment of a path.
        let filename = filename.rsplit(['/', '\\']).next().unwrap_or_default();
        find("key").map(|key| key.replace(FILENAME, filename)).ok_or(UNSIGNED)
    }

    pub(crate) fn add(&self, file: &mut UploadedFile, chunk: &[u8]) {
        file.size += chunk.len() as u64;
        file.hash = hash_on(file.hash, chunk);
        file.content = file.content.take().filter(|_| file.size <= self.storage.kept);
        if let Some(content) = &mut file.content {
            content.extend_from_slice(chunk);
        }
    }
}

/// Not a secure signature, but one that no client produces by accident.
fn sign(parameters: &[(String, String)]) -> String {
    let mut hasher = DefaultHasher::new();
    ("sandbox", parameters).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn until(policy: &str) -> Option<i64> {
    let policy = BASE64_STANDARD.decode(policy).ok()?;
    serde_json::from_slice::<Value>(&policy).ok()?.get("until")?.as_i64()
}
