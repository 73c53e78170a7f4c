//! Exports and imports on the client.

use super::Client;
use crate::bulk::{Download, DownloadUrl};
#[cfg(feature = "export")]
use crate::export::{ExportCall, ExportToken, ExportWait, NewExport};
#[cfg(feature = "import")]
use crate::import::{ImportCall, ImportToken, ImportWait, NewImport};

#[cfg(feature = "export")]
impl Client {
    /// Starts an export of records in bulk. None if no record was changed since
    /// [`from`](crate::export::NewExport::from). Costs one request. [`export`](crate::export) documents its retries and
    /// limits.
    ///
    /// A stage and a domain have a REST endpoint. Beside [`endpoints`](crate::ClientBuilder::endpoints),
    /// [`rest_endpoint`](crate::ClientBuilder::rest_endpoint) sets it; without it the call is an error.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// use xurrent::export::NewExport;
    ///
    /// if let Some(token) = client.export_start(NewExport::new(["people"])).await? {
    ///     let file = client.export_wait(token).await?;
    ///     client.download(&file.url).to_file("people.csv").await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`ExportCall::send`].
    pub fn export_start(&self, export: NewExport) -> ExportCall {
        ExportCall::new(&self.core, &self.state, &export)
    }

    /// Waits for an export that was started, by this process or another one. Each poll costs one request.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client, stored: &str) -> xurrent::Result<()> {
    /// use std::time::Duration;
    ///
    /// let wait = client
    ///     .export_wait(stored.parse()?)
    ///     .time_limit(Duration::from_secs(4 * 3600))
    ///     .on_progress(|progress| println!("{}, line {:?}", progress.state, progress.line));
    /// let file = wait.await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`ExportWait::send`].
    pub fn export_wait(&self, token: ExportToken) -> ExportWait {
        ExportWait::new(&self.core, &self.state, token)
    }
}

#[cfg(feature = "import")]
impl Client {
    /// Uploads a file and starts the import of its records. Costs one request. The owner of the token needs the role of
    /// account administrator. [`import`](crate::import) documents its retries.
    ///
    /// A stage and a domain have a REST endpoint. Beside [`endpoints`](crate::ClientBuilder::endpoints),
    /// [`rest_endpoint`](crate::ClientBuilder::rest_endpoint) sets it; without it the call is an error.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// use xurrent::Upload;
    /// use xurrent::import::NewImport;
    ///
    /// let import = NewImport::new("people", Upload::path("people.csv"));
    /// let token = client.import_start(import).await?;
    /// let end = client.import_wait(token).await?;
    /// println!("{}", end.results); // 12 created, 3 updated, ...
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`ImportCall::send`].
    pub fn import_start(&self, import: NewImport) -> ImportCall {
        ImportCall::new(&self.core, &self.state, import)
    }

    /// Waits for an import that was started, by this process or another one. Each poll costs one request.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client, token: xurrent::import::ImportToken) -> xurrent::Result<()> {
    /// let end = client.import_wait(token).await?;
    /// if let Some(log) = end.log_file.filter(|_| end.results.failures > 0) {
    ///     client.download(&log).to_file("import.log").await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`ImportWait::send`].
    pub fn import_wait(&self, token: ImportToken) -> ImportWait {
        ImportWait::new(&self.core, &self.state, token)
    }
}

impl Client {
    /// Downloads the file of an export or the log file of an import, to a file or a writer. Costs nothing: the file is not
    /// on the API.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client, url: &xurrent::bulk::DownloadUrl) -> xurrent::Result<()> {
    /// let file = client.download(url).max_size(100 << 20).to_file("people.csv").overwrite().await?;
    /// println!("{} bytes in {}", file.size, file.path.display());
    ///
    /// let mut log = Vec::new();
    /// client.download(url).max_size(1 << 20).to_writer(&mut log).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`FileDownload::send`](crate::bulk::FileDownload::send).
    pub fn download(&self, url: &DownloadUrl) -> Download {
        Download::new(&self.core, url)
    }
}

#[cfg(feature = "blocking")]
impl super::blocking::Client {
    /// See [`Client::export_start`].
    #[cfg(feature = "export")]
    pub fn export_start(&self, export: NewExport) -> super::blocking::Call<ExportCall> {
        self.blocking_call(self.as_async().export_start(export))
    }

    /// See [`Client::export_wait`]. Its settings are set with [`Call::map`](super::blocking::Call::map).
    #[cfg(feature = "export")]
    pub fn export_wait(&self, token: ExportToken) -> super::blocking::Call<ExportWait> {
        self.blocking_call(self.as_async().export_wait(token))
    }

    /// See [`Client::import_start`].
    #[cfg(feature = "import")]
    pub fn import_start(&self, import: NewImport) -> super::blocking::Call<ImportCall> {
        self.blocking_call(self.as_async().import_start(import))
    }

    /// See [`Client::import_wait`]. Its settings are set with [`Call::map`](super::blocking::Call::map).
    #[cfg(feature = "import")]
    pub fn import_wait(&self, token: ImportToken) -> super::blocking::Call<ImportWait> {
        self.blocking_call(self.as_async().import_wait(token))
    }

    /// See [`Client::download`].
    pub fn download(
        &self,
        url: &DownloadUrl,
        path: impl Into<std::path::PathBuf>,
    ) -> super::blocking::Call<crate::bulk::FileDownload> {
        self.blocking_call(self.as_async().download(url).to_file(path))
    }
}
