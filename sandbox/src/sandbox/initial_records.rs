//! The settings of the initial records.

use serde_json::Value;
use std::path::PathBuf;

use super::{Sandbox, SandboxBuilder};
use crate::node_id;
use crate::records::RecordSource;

impl SandboxBuilder {
    /// Adds a record of your own beside the demo records. `key` is a name of yours, for other records and
    /// for [`Sandbox::record_id`]; `fields` is an object with the fields of the record, as they are read.
    ///
    /// A field that refers to a record has the key of that record, or an object with the fields of a
    /// further record. Demo records have keys such as `Person/12`. Two keys are reserved: `me` is the
    /// person who owns the token, and the account id, such as `wdc`, is the account; their fields can be
    /// changed. Fields that are left out are null, but for those that the server sets, such as
    /// `createdAt`.
    ///
    /// ```
    /// use serde_json::json;
    /// use xurrent_sandbox::Sandbox;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder()
    ///     .record("Team", "cobol", json!({ "name": "COBOL", "coordinator": "grace" }))
    ///     .record("Person", "grace", json!({ "name": "Grace Hopper", "teams": ["cobol"] }))
    ///     .start()
    ///     .await?;
    /// let id = sandbox.record_id("Person", "grace");
    /// # Ok(())
    /// # }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
    /// ```
    ///
    /// [`start`](Self::start) checks the records against the schema and names all mistakes.
    pub fn record(mut self, type_name: &str, key: &str, fields: Value) -> Self {
        self.records.push(RecordSource::Record(type_name.to_owned(), key.to_owned(), fields));
        self
    }

    /// Adds records by type: an object of records by key, or a list of records that need no key. See
    /// [`record`](Self::record).
    ///
    /// ```
    /// # use serde_json::json;
    /// # let builder = xurrent_sandbox::Sandbox::builder();
    /// let builder = builder.records(json!({
    ///     "Person": { "grace": { "name": "Grace Hopper" } },
    ///     "Request": [{ "subject": "No compiler", "requestedFor": "grace", "notes": [{ "text": "Yet" }] }],
    /// }));
    /// # builder.engine().unwrap();
    /// ```
    pub fn records(mut self, records: Value) -> Self {
        self.records.push(RecordSource::Json(records));
        self
    }

    /// Adds the records of a JSON file of the form that [`records`](Self::records) takes.
    pub fn records_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.records.push(RecordSource::File(path.into()));
        self
    }

    /// Leaves the demo records out: there are only the account, the owner of the token, and the records of
    /// the other settings.
    pub fn without_demo_records(mut self) -> Self {
        self.seed.has_demo = false;
        self
    }

    /// Generates records until there are `count` of a type, demo records included:
    /// `generate("Person", 10_000)`. They are the same in each run and refer to each other as the demo
    /// records do. 10,000 people take about 110 MB.
    pub fn generate(mut self, type_name: &str, count: u64) -> Self {
        self.seed.generated.insert(type_name.to_owned(), count);
        self
    }
}

impl Sandbox {
    /// The node id of a record of your own, by its type and its [key](SandboxBuilder::record).
    #[must_use]
    pub fn record_id(&self, type_name: &str, key: &str) -> Option<String> {
        let full_key = (type_name.to_owned(), key.to_owned());
        self.engine().account.own_keys.get(&full_key).map(|key| node_id::encode(key))
    }
}
