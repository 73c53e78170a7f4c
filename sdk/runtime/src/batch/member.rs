//! What takes part in a batch, in one of its requests or in several.

use super::Part;
use crate::decode::{DecodeError, DecodeErrorKind};
use crate::document::BATCH;
use crate::error::{Error, Result};
use crate::operation::Prepared;
use crate::pagination::Page;
use crate::pagination::Pager;
use crate::select::Append;
use std::fmt;
use tokio::sync::oneshot;

/// One call of a batch. It hands its result over when it has it.
pub trait Member: fmt::Debug + Send {
    /// What it asks for in the next request; nothing when it has its result.
    ///
    /// # Errors
    /// When the call is not usable.
    fn ask(&mut self) -> Result<Option<Prepared>>;

    /// Takes what the server said to that.
    fn take(&mut self, part: Part);

    /// Whether it asks for less when the request has failed with this error.
    fn shrink(&mut self, _: &Error) -> bool {
        false
    }
}

/// Where a result comes from. Nothing to send to means that nobody waits any more.
pub(crate) type Outcome<T> = oneshot::Receiver<Result<T>>;

/// A call that is answered at once.
struct Once<T, R> {
    asks: Option<Prepared>,
    then: Option<(R, oneshot::Sender<Result<T>>)>,
}

pub(super) fn once<T, R>(asks: Prepared, read: R) -> (Box<dyn Member>, Outcome<T>)
where
    T: Send + 'static,
    R: FnOnce(Part) -> Result<T> + Send + 'static,
{
    let (sender, outcome) = oneshot::channel();
    (Box::new(Once { asks: Some(asks), then: Some((read, sender)) }), outcome)
}

impl<T: Send, R: FnOnce(Part) -> Result<T> + Send> Member for Once<T, R> {
    fn ask(&mut self) -> Result<Option<Prepared>> {
        Ok(self.asks.clone())
    }

    fn take(&mut self, part: Part) {
        self.asks = None;
        let Some((read, sender)) = self.then.take() else { return };
        let request_id = part.request_id.clone();
        let result = read(part).map_err(|error| error.with_request_id(request_id.as_deref()));
        let _ = sender.send(result);
    }
}

impl<T, R> fmt::Debug for Once<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.asks.as_ref().map(|asks| &asks.call).fmt(f)
    }
}

/// A connection that is asked for page after page.
struct Complete<T> {
    pager: Pager,
    append: Append<T>,
    nodes: Vec<T>,
    sender: Option<oneshot::Sender<Result<Vec<T>>>>,
}

pub(super) fn complete<T: Send + 'static>(
    pager: Pager,
    append: Append<T>,
) -> (Box<dyn Member>, Outcome<Vec<T>>) {
    let (sender, outcome) = oneshot::channel();
    (Box::new(Complete { pager, append, nodes: Vec::new(), sender: Some(sender) }), outcome)
}

impl<T> Complete<T> {
    fn end(&mut self, result: Result<()>) {
        let nodes = std::mem::take(&mut self.nodes);
        let _ = self.sender.take().map(|sender| sender.send(result.map(|()| nodes)));
    }
}

impl<T: Send> Member for Complete<T> {
    fn ask(&mut self) -> Result<Option<Prepared>> {
        match self.pager.ask() {
            Err(error) if error.is_configuration() => Err(error),
            Err(error) => {
                self.end(Err(error));
                Ok(None)
            }
            Ok(None) => {
                self.end(Ok(()));
                Ok(None)
            }
            asks => asks,
        }
    }

    fn take(&mut self, part: Part) {
        if part.is_lost_to_others() {
            return self.pager.ask_again();
        }
        let request_id = part.request_id.clone();
        let append = self.append;
        let secrets = part.secrets.clone();
        let mut open = None;
        let read = part.read(|decoder| {
            let mut begin = decoder.fork();
            let page = Page::read(decoder, append)?;
            if page.1.lacks_cursor() {
                open = begin.raw().ok().map(str::to_owned);
            }
            Ok(page)
        });
        let turned = read.and_then(|(nodes, page_info)| {
            let turned = self.pager.turn((nodes.len(), page_info), &secrets)?;
            self.pager.keep_page(open.as_deref(), request_id.as_deref());
            self.nodes.extend(Page::of(nodes, turned).nodes);
            Ok(())
        });
        if let Err(error) = turned
            && !self.shrink(&error)
        {
            self.end(Err(error.with_request_id(request_id.as_deref())));
        }
    }

    fn shrink(&mut self, error: &Error) -> bool {
        self.pager.shrink(error)
    }
}

impl<T> fmt::Debug for Complete<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pager.fmt(f)
    }
}

/// The result of a call. The answers have had a part for each.
pub(super) fn result<T>(mut outcome: Outcome<T>) -> Result<T> {
    let missing = || Error::decode(BATCH, DecodeError::new(DecodeErrorKind::Missing));
    outcome.try_recv().unwrap_or_else(|_| Err(missing()))
}
