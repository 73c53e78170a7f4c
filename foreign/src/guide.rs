//! Follows `docs/other-apis.md`.

use crate::error::Error;
use crate::tools::Folders;

pub(crate) fn follow(_: &Folders) -> Result<(), Error> {
    Err(Error::Guide("not yet".to_owned()))
}
