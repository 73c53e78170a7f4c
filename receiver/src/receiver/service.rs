//! The way of a request, from its head to its answer.

use super::body;
use super::endpoint::{Receiver, Shared};
use super::response::Answer;
use crate::authenticator::{Accepted, Checked, Refused};
use crate::log::printable;
use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::{Method, Request, Response, request};
use http_body::Body;
use http_body_util::Full;
use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::time::timeout;
use tower_service::Service;
use tracing::{debug, error, info, warn};

impl<B> Service<Request<B>> for Receiver
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let started = Instant::now();
            let (head, body) = request.into_parts();
            let answer = if head.method == Method::POST {
                match read(&shared, body).await {
                    Ok(body) => answer(&shared, &head, body, started).await,
                    Err(answer) => answer,
                }
            } else {
                Answer::NotPosted
            };
            shared.metrics.answered(answer.status(), started.elapsed());
            Ok(answer.response())
        })
    }
}

/// A body that does not arrive takes no place of one that has.
async fn read<B>(shared: &Shared, body: B) -> Result<Bytes, Answer>
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let waiter = shared.waiting.enter_within(shared.bodies);
    let read = body::read(body, shared.body_limit, shared.read_timeout.min(shared.deadline));
    let read = tokio::select! {
        biased;
        read = read => read,
        () = waiter.evicted() => Err(Answer::TooSlow),
    };
    read.inspect_err(|answer| {
        if let Some(suppressed) = shared.log.admit(answer.kind()) {
            info!(?answer, suppressed, "a body was not read");
        }
    })
}

/// The rest of the deadline is for the check and the inbox.
async fn answer(shared: &Arc<Shared>, head: &request::Parts, body: Bytes, started: Instant) -> Answer {
    let Ok(_permit) = shared.requests.try_acquire() else {
        if let Some(suppressed) = shared.log.admit("too_many") {
            warn!(suppressed, "too many requests at once: one is to come again");
        }
        return Answer::TryAgain;
    };
    let left = shared.deadline.saturating_sub(started.elapsed());
    match timeout(left, receive(shared, head, body)).await {
        Ok(answer) => answer,
        Err(_) => {
            if let Some(suppressed) = shared.log.admit("deadline") {
                error!(deadline = ?shared.deadline, suppressed, "the deadline passed: a delivery is to come again");
            }
            Answer::TryAgain
        }
    }
}

async fn receive(shared: &Arc<Shared>, head: &request::Parts, body: Bytes) -> Answer {
    let (accepted, release) = match shared.check.check(&head.uri, &head.headers, body).await {
        Ok(Checked::Delivery(accepted)) => (accepted, None),
        Ok(Checked::Once(accepted, release)) => (accepted, Some(release)),
        Ok(Checked::Answered) => {
            info!("a handshake was answered");
            return Answer::Stored;
        }
        Err(refused) => return refuse(shared, &refused),
    };
    let mut unkept = Unkept(release);
    if let Err(refused) = accepted.bounded() {
        return refuse(shared, &refused);
    }
    let answer = store(shared, accepted).await;
    if answer == Answer::Stored {
        unkept.0 = None;
    }
    answer
}

fn refuse(shared: &Shared, refused: &Refused) -> Answer {
    if let Some(suppressed) = shared.log.admit(refused.reason()) {
        let detail = printable(&refused.to_string());
        warn!(reason = refused.reason(), detail, suppressed, "a delivery was refused");
    }
    shared.metrics.refused(refused.reason());
    Answer::Refused
}

async fn store(shared: &Shared, accepted: Accepted) -> Answer {
    let (id, event) = (accepted.id.clone(), accepted.event.clone());
    match shared.inbox.store(accepted).await {
        Ok(stored) => {
            debug!(?stored, delivery = id, event, "a delivery is durable");
            shared.metrics.stored(stored);
            Answer::Stored
        }
        Err(error) => {
            if let Some(suppressed) = shared.log.admit("not_stored") {
                let error = &error as &dyn Error;
                error!(error, delivery = id, event, suppressed, "a delivery could not be stored");
            }
            Answer::TryAgain
        }
    }
}

/// What lets a delivery pass again that is not durable yet. It runs if the delivery never will be,
/// because the inbox failed, the deadline passed or the sender left.
struct Unkept(Option<BoxFuture<'static, ()>>);

impl Drop for Unkept {
    fn drop(&mut self) {
        if let Some(release) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(release);
        }
    }
}
