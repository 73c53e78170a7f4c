//! Transports of your own: requests, responses, uploads, downloads.
//!
//! [`ClientBuilder::transport`](crate::ClientBuilder::transport) sets one: for another HTTP client, for a
//! gateway, or for tests that [`MemoryTransport`](crate::MemoryTransport) does not suffice for.
//!
//! ```
//! use xurrent::transport::{BoxFuture, Request, Transport};
//! use xurrent::{Client, Result, http};
//!
//! struct Offline;
//!
//! impl Transport for Offline {
//!     fn send(&self, request: Request) -> BoxFuture<'_, Result<http::Response<Vec<u8>>>> {
//!         println!("{} bytes to {}", request.http.body().len(), request.http.uri());
//!         Box::pin(async { Ok(http::Response::new(br#"{"data": {"me": null}}"#.to_vec())) })
//!     }
//! }
//!
//! # fn main() -> Result<()> {
//! let client = Client::builder()
//!     .account("wdc")
//!     .personal_access_token("token")
//!     .transport(Offline)
//!     .build()?;
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "upload")]
pub use xurrent_platform::MemoryUpload;
pub use xurrent_runtime::transport::{
    BoxFuture, DownloadBody, DownloadRequest, MemoryRequest, Request, Transport, UploadBody, UploadRequest,
};
