//! The Events API: turns an event of a monitoring tool into a request, or adds it to the request that is open
//! for it. It is part of the REST interface; GraphQL has nothing that creates a record unless it exists.
//!
//! [`NewEvent`] has the parameters, the `event_create` of a client returns an [`EventCall`], and
//! [`EventRequest`] is the request with its id in GraphQL. A call costs one request. A token needs the scope to
//! create requests.
//!
//! # Matching
//! The server matches an event with an open request of the last 24 hours that has
//!
//! - the same source, service instance and configuration item, if the event has a configuration item;
//! - the same source, subject, note, account and person whom it is for, if it has none.
//!
//! It does **not** match by `sourceID`. So alerts of one tool about one configuration item become one request,
//! whatever their ids. A matched event adds its note, unless a note of the request has the same text. Together
//! with that note, it can change the status, the completion reason, the team, the member and the points in time
//! of the request. A matched event whose note is there already, or that has none, changes nothing.
//!
//! # Retries
//! A copy of an event is therefore harmless while its request is open and less than 24 hours old. When the
//! server matches a copy, `event_create` is retried like a query: after lost connections, timeouts and status
//! 429, 502, 503 and 504. That is the case for an event
//!
//! - with a source,
//! - with a configuration item; or with a note, and, if the client has tokens of several users, with
//!   [`requested_for`](NewEvent::requested_for) or [`requested_by`](NewEvent::requested_by),
//! - without the status `completed`, after which the request is no longer open, and
//! - without a template, which can complete the request or choose another service instance.
//!
//! Every other event is retried only when it was certainly not executed, as mutations are. After an error of a
//! call that was retried, the same event can be sent again by the same rule.
//!
//! The guarantee is that of the server's matching. Between two attempts, somebody can complete the request, an
//! automation rule can, or the request that the event was added to can become 24 hours old: then the next
//! attempt creates a second request. The documentation of the server does not say whether two events that arrive
//! at the same moment are matched; the sandbox matches them.
//!
//! Source: <https://developer.xurrent.com/v1/requests/events/>

mod call;
mod enums;
mod new_event;
mod reference;

pub use call::{EventCall, EventOutcome, EventRequest};
pub use enums::{EventCategory, EventCompletionReason, EventImpact, EventStatus};
pub use new_event::NewEvent;
pub use reference::{CiReference, RecordNumber, Reference};
