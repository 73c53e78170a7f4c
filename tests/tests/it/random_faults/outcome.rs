//! The outcomes of operations.

use xurrent::ErrorKind;

pub(crate) const READ: &str = "whole reads";
pub(crate) const READ_FAILED: &str = "failed reads";
pub(crate) const READ_DROPPED: &str = "dropped reads";
pub(crate) const EXECUTED: &str = "mutations";
pub(crate) const NOT_EXECUTED: &str = "mutations that failed and were not executed";
pub(crate) const DOUBTFUL: &str = "mutations that failed and were executed";
pub(crate) const MUTATION_DROPPED: &str = "dropped mutations";
pub(crate) const UPLOADED: &str = "uploads";
pub(crate) const NOT_UPLOADED: &str = "failed uploads";
pub(crate) const UPLOAD_DROPPED: &str = "dropped uploads";

/// Whatever an operation can come to.
pub(crate) const ALL: [&str; 10] = [
    READ,
    READ_FAILED,
    READ_DROPPED,
    EXECUTED,
    NOT_EXECUTED,
    DOUBTFUL,
    MUTATION_DROPPED,
    UPLOADED,
    NOT_UPLOADED,
    UPLOAD_DROPPED,
];

/// How an operation came out.
pub(crate) enum Outcome {
    Dropped,
    /// A read: whether it came to its end.
    Read(bool),
    /// An upload: whether the file is stored.
    Upload(bool),
    /// A mutation: the kind of the error, if there is one.
    Mutation(Option<ErrorKind>),
    /// What must not happen.
    Wrong(String),
}
