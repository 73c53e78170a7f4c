//! The enums of an event, which are generated in the crate `xurrent`: it implements these traits for them.

use xurrent_runtime::OpenEnum;

/// The enum `RequestCategory`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `RequestCategory`",
    label = "expected a `RequestCategory`"
)]
pub trait EventCategory: OpenEnum {}

/// The enum `RequestImpact`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `RequestImpact`",
    label = "expected a `RequestImpact`"
)]
pub trait EventImpact: OpenEnum {}

/// The enum `RequestStatus`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `RequestStatus`",
    label = "expected a `RequestStatus`"
)]
pub trait EventStatus: OpenEnum {}

/// The enum `RequestCompletionReason`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `RequestCompletionReason`",
    label = "expected a `RequestCompletionReason`"
)]
pub trait EventCompletionReason: OpenEnum {}
