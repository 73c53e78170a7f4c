//! The account that a sandbox serves.

use parking_lot::RwLock;
use std::sync::Arc;

use crate::records::Keys;
use crate::scopes::Scopes;
use crate::shared_schema::SharedSchema;
use crate::storage::Uploads;
use crate::store::Store;
use crate::webhook::{Outbox, Policies};

/// The data that root fields read and change, and the settings that they depend on.
pub(crate) struct Account {
    pub(crate) shared: Arc<SharedSchema>,
    pub(crate) store: RwLock<Arc<Store>>,
    /// The store keys of the user's own records.
    pub(crate) own_keys: Keys,
    pub(crate) scopes: Scopes,
    /// The origin of URLs: `http://127.0.0.1:4010`.
    pub(crate) origin: String,
    /// The attachment storage.
    pub(crate) uploads: Uploads,
    /// The webhook deliveries; none without a socket.
    pub(crate) outbox: Option<Outbox>,
    /// The keys of webhook policies.
    pub(crate) policies: Policies,
}
