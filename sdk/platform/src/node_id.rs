//! The parts of record ids.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::fmt;
use xurrent_runtime::Id;

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const URL_SAFE_ENGINE: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);
const STANDARD_ENGINE: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);

/// The parts of a record's id: for debugging, and for records whose number is known. Everywhere else, an
/// [`Id`] is opaque.
///
/// An id is base64 of `<instance>/<type>/<number>`. The type may be abbreviated (`Req`), the instance may
/// include an account.
///
/// ```
/// # use xurrent_runtime::Id;
/// # use xurrent_platform::NodeId;
/// let parts = NodeId::decode(&Id::from("NG1lLmNvbS9QZXJzb24vMTI")).unwrap();
/// assert_eq!((parts.instance.as_str(), parts.type_name.as_str(), parts.number), ("4me.com", "Person", 12));
/// assert_eq!(parts.encode(), Id::from("NG1lLmNvbS9QZXJzb24vMTI"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NodeId {
    /// The instance of Xurrent.
    pub instance: String,
    /// The type, perhaps abbreviated.
    pub type_name: String,
    /// The number, as in the REST interface and in URLs.
    pub number: u64,
}

impl NodeId {
    /// Decodes an id; none when it has another form.
    pub fn decode(id: &Id) -> Option<Self> {
        let text = id.as_str();
        let bytes = URL_SAFE_ENGINE.decode(text).or_else(|_| STANDARD_ENGINE.decode(text)).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (rest, number) = text.rsplit_once('/')?;
        let (instance, type_name) = rest.rsplit_once('/')?;
        if instance.is_empty() || type_name.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (instance, type_name) = (instance.to_owned(), type_name.to_owned());
        Some(Self { instance, type_name, number: number.parse().ok()? })
    }

    /// Encodes the id.
    pub fn encode(&self) -> Id {
        Id::new(URL_SAFE_ENGINE.encode(self.to_string()))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.instance, self.type_name, self.number)
    }
}
