//! The attachment storage: what it takes, what it was handed, and the permissions to hand it more.

use crate::engine::NO_ORIGIN;
use axum::body::Bytes;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::store::Fields;

/// Where files are sent, below the origin.
pub(crate) const PATH: &str = "/storage";

/// What stands in a key for the name that the file will be sent with.
const FILENAME: &str = "${filename}";

/// Where keys begin.
const PREFIX: &str = "attachments/5";

/// The parameters of a signature, by provider.
pub(crate) const S3_SIGNATURE: &str = "X-Amz-Signature";
pub(crate) const LOCAL_SIGNATURE: &str = "X-Xurrent-signature";
const LOCAL_EXPIRATION: &str = "X-Xurrent-expiration";
const POLICY: &str = "policy";

/// Where the attachments of the account go, for
/// [`SandboxBuilder::storage`](crate::SandboxBuilder::storage).
#[derive(Debug, Clone)]
#[must_use = "a storage does nothing until it is given to a sandbox"]
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
    /// A bucket of S3: it takes what was signed for it, all of it in its order, with the length given
    /// before, and nothing with credentials of any other kind. It answers in XML.
    pub fn s3() -> Self {
        Self::of(Some(Provider::S3))
    }

    /// The account's own server: it takes what was signed for it, from who may also ask the API. It
    /// answers in JSON.
    pub fn local() -> Self {
        Self::of(Some(Provider::Local))
    }

    /// No storage: `attachmentStorage` is null.
    pub fn none() -> Self {
        Self::of(None)
    }

    fn of(provider: Option<Provider>) -> Self {
        Self {
            provider,
            // The largest value an Int of the GraphQL specification can carry.
            size_limit: 2_147_483_647,
            allowed_extensions: ["csv", "jpg", "log", "pdf", "png", "txt"].map(str::to_owned).to_vec(),
            lifetime: Duration::from_secs(3_600),
            kept: 16 * 1024 * 1024,
        }
    }

    /// The largest file that it takes, in bytes: 2,147,483,647 when nothing is said, which is also the
    /// most that an `Int` can say.
    pub fn size_limit(mut self, bytes: u64) -> Self {
        self.size_limit = bytes.min(2_147_483_647);
        self
    }

    /// The extensions of files that it takes, without a dot; when there are none, all. `csv`, `jpg`,
    /// `log`, `pdf`, `png` and `txt` when nothing is said.
    pub fn allowed_extensions<S: Into<String>>(mut self, extensions: impl IntoIterator<Item = S>) -> Self {
        self.allowed_extensions = extensions.into_iter().map(Into::into).collect();
        self
    }

    /// How long a permission is good for, an hour when nothing is said. One that is over is refused
    /// with 403.
    pub fn permission_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Keeps the content of files up to this size, 16 MiB when nothing is said; of larger ones only
    /// the size and a hash are kept.
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

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedFile {
    /// What inputs name it by.
    pub key: String,
    /// The name that it was sent with.
    pub filename: String,
    /// What the first part of the form said.
    pub content_type: String,
    /// How many bytes it has.
    pub size: u64,
    /// A hash of its content: see [`content_hash`].
    pub hash: u64,
    /// What is in it, unless it is larger than what the storage keeps.
    pub content: Option<Vec<u8>>,
}

/// The hash of a file's content that an [`UploadedFile`] has: FNV-1a with 64 bits.
#[must_use]
pub fn content_hash(content: &[u8]) -> u64 {
    fold(FNV_OFFSET, content)
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

fn fold(hash: u64, content: &[u8]) -> u64 {
    content.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A file while it comes in.
pub(crate) struct Incoming {
    kept: u64,
    size: u64,
    hash: u64,
    content: Option<Vec<u8>>,
}

impl Incoming {
    pub(crate) fn add(&mut self, piece: &Bytes) {
        self.size += piece.len() as u64;
        self.hash = fold(self.hash, piece);
        if self.size > self.kept {
            self.content = None;
        }
        if let Some(content) = &mut self.content {
            content.extend_from_slice(piece);
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }
}

/// The storage with what is in it.
#[derive(Debug)]
pub(crate) struct Uploads {
    pub(crate) storage: Storage,
    permissions: AtomicU64,
    files: Mutex<BTreeMap<String, UploadedFile>>,
}

impl Uploads {
    pub(crate) fn new(storage: Storage, known: impl IntoIterator<Item = (String, String, u64)>) -> Self {
        let known = known.into_iter().map(|(key, filename, size)| {
            let content_type = "application/octet-stream".to_owned();
            let file =
                UploadedFile { key: key.clone(), filename, content_type, size, hash: 0, content: None };
            (key, file)
        });
        Self { storage, permissions: AtomicU64::new(0), files: Mutex::new(known.collect()) }
    }

    /// The files, by their keys.
    pub(crate) fn all(&self) -> Vec<UploadedFile> {
        self.files().values().cloned().collect()
    }

    pub(crate) fn get(&self, key: &str) -> Option<UploadedFile> {
        self.files().get(key).cloned()
    }

    /// What `attachmentStorage` answers: where to send a file, and the permission for it.
    pub(crate) fn permission(&self, origin: &str) -> Option<Fields> {
        let Storage { provider, size_limit, allowed_extensions, lifetime, .. } = &self.storage;
        let provider = (*provider)?;
        let (number, until) = match origin {
            // Nothing can be uploaded there: always the same permission, that has ended.
            NO_ORIGIN => (0, 0),
            _ => (
                self.permissions.fetch_add(1, Ordering::Relaxed) + 1,
                now() + u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX / 2),
            ),
        };
        let key = format!("{PREFIX}/{number:06x}/{FILENAME}");
        let mut parameters = match provider {
            Provider::S3 => json!({
                "key": key,
                "acl": "private",
                // A number, as the real one is.
                "success_action_status": 201,
                POLICY: BASE64_STANDARD.encode(json!({ "until": until }).to_string()),
                "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                "X-Amz-Credential": "SANDBOXKEYID/20250601/eu-west-1/s3/aws4_request",
            }),
            Provider::Local => json!({ "key": key, LOCAL_EXPIRATION: until }),
        };
        let (name, signature) = match provider {
            Provider::S3 => ("s3", S3_SIGNATURE),
            Provider::Local => ("local", LOCAL_SIGNATURE),
        };
        let texts: Vec<(String, String)> = parameters
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| {
                (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect();
        parameters[signature] = json!(sign(&texts));
        let fields: [(&str, Value); 5] = [
            ("allowedExtensions", json!(allowed_extensions)),
            ("provider", json!(name)),
            ("providerParameters", parameters),
            ("sizeLimit", json!(size_limit)),
            ("uploadUri", json!(format!("{origin}{PATH}"))),
        ];
        Some(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Checks the parameters of a form, which must be those of a permission, all of them and in their
    /// order. Gives the key, with the name of the file in it.
    pub(crate) fn admit(&self, parameters: &[(String, String)], filename: &str) -> Result<String, Refused> {
        let find = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, text)| text);
        let signature = [S3_SIGNATURE, LOCAL_SIGNATURE].into_iter().find_map(find);
        let signed: Vec<_> = parameters
            .iter()
            .filter(|(name, _)| name != S3_SIGNATURE && name != LOCAL_SIGNATURE)
            .cloned()
            .collect();
        let in_order = parameters.is_sorted_by(|(one, _), (other, _)| one < other);
        if signature != Some(&sign(&signed)) || !in_order {
            return Err(Refused::Signature);
        }
        let until = match self.storage.provider {
            Some(Provider::Local) => find(LOCAL_EXPIRATION).and_then(|until| until.parse().ok()),
            _ => find(POLICY).and_then(|policy| until(policy)),
        };
        if until.is_none_or(|until| until <= now()) {
            return Err(Refused::Expired);
        }
        // What stands before a slash is not a part of the name.
        let filename = filename.rsplit(['/', '\\']).next().unwrap_or_default();
        find("key").map(|key| key.replace(FILENAME, filename)).ok_or(Refused::Signature)
    }

    /// A file that begins to come in.
    pub(crate) fn begin(&self) -> Incoming {
        Incoming { kept: self.storage.kept, size: 0, hash: FNV_OFFSET, content: Some(Vec::new()) }
    }

    pub(crate) fn finish(&self, key: &str, filename: &str, content_type: &str, file: Incoming) {
        let file = UploadedFile {
            key: key.to_owned(),
            filename: filename.to_owned(),
            content_type: content_type.to_owned(),
            size: file.size,
            hash: file.hash,
            content: file.content,
        };
        self.files().insert(key.to_owned(), file);
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, UploadedFile>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a form is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Signature,
    Expired,
}

/// Not a signature that keeps anybody out, but one that no client makes by accident.
fn sign(parameters: &[(String, String)]) -> String {
    let mut hasher = DefaultHasher::new();
    ("sandbox", parameters).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn until(policy: &str) -> Option<u64> {
    let policy = BASE64_STANDARD.decode(policy).ok()?;
    serde_json::from_slice::<Value>(&policy).ok()?.get("until")?.as_u64()
}

/// Milliseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
