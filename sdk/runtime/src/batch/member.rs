//! Members of a batch: calls with one request, and connections with a request for each page.

use super::part::Part;
use crate::call::Prepared;
use crate::decode::{DecodeError, DecodeErrorKind};
use crate::document::BATCH;
use crate::error::{Error, Result};
use crate::pagination::{AnyRecords, DecodedPage, Paginator, Records};
use crate::select::Append;
use std::fmt;
use tokio::sync::oneshot;

/// A call of a batch, which sends its result to the caller of the batch.
pub trait Member: fmt::Debug + Send {
    /// The call for the next request, or none if it has its result.
    ///
    /// # Errors
    /// When the call is invalid.
    fn next_call(&mut self) -> Result<Option<Prepared>>;

    /// Takes its part of the response.
    fn take(&mut self, part: Part);

    /// Reduces its page size after this error of the whole request, if that can help.
    fn shrink(&mut self, _: &Error) -> bool {
        false
    }
}

/// A call of a batch, and where its result arrives.
pub struct BatchCall<T> {
    pub(super) member: Result<Box<dyn Member>>,
    pub(super) outcome: Outcome<T>,
}

impl<T> fmt::Debug for BatchCall<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchCall").finish_non_exhaustive()
    }
}

/// The receiver of a result. Its sender is dropped if there is none.
pub(super) type Outcome<T> = oneshot::Receiver<Result<T>>;

/// A call with one request.
struct Once<T, R> {
    call: Option<Prepared>,
    read: Option<(R, oneshot::Sender<Result<T>>)>,
}

impl<T: Send + 'static> BatchCall<T> {
    /// A call with one request. If it is invalid, the whole batch fails.
    pub(super) fn once(
        call: Result<Prepared>,
        read: impl FnOnce(Part) -> Result<T> + Send + 'static,
    ) -> Self {
        let (sender, outcome) = oneshot::channel();
        let member = |call| Box::new(Once { call: Some(call), read: Some((read, sender)) });
        Self { member: call.map(|call| member(call) as Box<dyn Member>), outcome }
    }
}

impl<T: Send + 'static> BatchCall<Vec<T>> {
    /// A connection with a request for each page.
    pub(super) fn all_pages(paginator: Paginator, append: Append<T>) -> Self {
        let (sender, outcome) = oneshot::channel();
        let member = AllPages { paginator, records: Records::new(append), sender: Some(sender) };
        Self { member: Ok(Box::new(member)), outcome }
    }
}

impl<T: Send, R: FnOnce(Part) -> Result<T> + Send> Member for Once<T, R> {
    fn next_call(&mut self) -> Result<Option<Prepared>> {
        Ok(self.call.clone())
    }

    fn take(&mut self, part: Part) {
        self.call = None;
        let Some((read, sender)) = self.read.take() else { return };
        let request_id = part.request_id.clone();
        let result = read(part).map_err(|error| error.with_request_id(request_id.as_deref()));
        let _ = sender.send(result);
    }
}

impl<T, R> fmt::Debug for Once<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.as_ref().map(|prepared| &prepared.call).fmt(f)
    }
}

/// A connection with a request for each page.
struct AllPages<T> {
    paginator: Paginator,
    records: Records<T>,
    sender: Option<oneshot::Sender<Result<Vec<T>>>>,
}

impl<T> AllPages<T> {
    fn finish(&mut self, result: Result<()>) {
        let nodes = std::mem::take(&mut self.records.items);
        let _ = self.sender.take().map(|sender| sender.send(result.map(|()| nodes)));
    }
}

/// Decodes the next page of a connection, and appends its records. After an error there are none of it.
pub(crate) fn read_page(
    paginator: &mut Paginator,
    records: &mut dyn AnyRecords,
    part: Part,
) -> Result<DecodedPage> {
    let (secrets, request_id) = (part.secrets.clone(), part.request_id.clone());
    let (mut json, shape, start) = (None, paginator.shape(), records.len());
    let page = part.read(|decoder| {
        let mut begin = decoder.fork();
        let page = records.read(decoder, shape)?;
        if page.1.lacks_cursor() {
            json = begin.raw().ok().map(str::to_owned);
        }
        Ok(page)
    });
    let page = match page.and_then(|page| paginator.advance(page, &secrets)) {
        Ok(page) => page,
        Err(error) => {
            records.truncate(start);
            return Err(error);
        }
    };
    paginator.attach_page(json.as_deref(), request_id.as_deref());
    records.keep(start, &page.wanted);
    Ok(page)
}

impl<T: Send> Member for AllPages<T> {
    fn next_call(&mut self) -> Result<Option<Prepared>> {
        match self.paginator.next_call() {
            Err(error) if error.is_configuration() => return Err(error),
            Err(error) => self.finish(Err(error)),
            Ok(None) => self.finish(Ok(())),
            call => return call,
        }
        Ok(None)
    }

    fn take(&mut self, part: Part) {
        if part.is_dropped() {
            return self.paginator.retry_page();
        }
        let request_id = part.request_id.clone();
        if let Err(error) = read_page(&mut self.paginator, &mut self.records, part)
            && !self.shrink(&error)
        {
            self.finish(Err(error.with_request_id(request_id.as_deref())));
        }
    }

    fn shrink(&mut self, error: &Error) -> bool {
        self.paginator.shrink(error)
    }
}

impl<T> fmt::Debug for AllPages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.paginator.fmt(f)
    }
}

/// The result of a call. Every response has a part for each call, so it is there.
pub(super) fn result<T>(mut outcome: Outcome<T>) -> Result<T> {
    let missing = || Error::decode(BATCH, DecodeError::new(DecodeErrorKind::Missing));
    outcome.try_recv().unwrap_or_else(|_| Err(missing()))
}
