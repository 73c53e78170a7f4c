//! What is inside an id of a record.

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

/// The parts of a record's id: for looking at, and for records whose number is known from
/// elsewhere. Everywhere else an [`Id`] is opaque.
///
/// Xurrent writes an id as base64 of `<instance>/<type>/<number>`. The type can be shortened
/// (`Req`), the instance can hold an account.
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
    /// Where the record lives.
    pub instance: String,
    /// What it is, perhaps shortened.
    pub type_name: String,
    /// Its number, as the REST interface and the web addresses have it.
    pub number: u64,
}

impl NodeId {
    /// Takes an id apart; nothing when it is not of that form.
    #[must_use]
    pub fn decode(id: &Id) -> Option<Self> {
        let text = id.as_str();
        let bytes = URL_SAFE_ENGINE.decode(text).or_else(|_| STANDARD_ENGINE.decode(text)).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (rest, number) = text.rsplit_once('/')?;
        let (instance, type_name) = rest.rsplit_once('/')?;
        if instance.is_empty() || type_name.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self {
            instance: instance.to_owned(),
            type_name: type_name.to_owned(),
            number: number.parse().ok()?,
        })
    }

    /// Puts an id together.
    #[must_use]
    pub fn encode(&self) -> Id {
        Id::new(URL_SAFE_ENGINE.encode(self.to_string()))
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.instance, self.type_name, self.number)
    }
}
