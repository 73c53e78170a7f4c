//! Where code of users meets changes of the schema, by the compiler.
//!
//! [`Generator::rust_marked`] prints the old SDK with every item deprecated that a change touches. Code that is checked
//! against it compiles as before, and the compiler warns of each use, at its place. [`Uses`] reads these
//! warnings, and the errors against the new SDK. Neither this module nor its callers guess by names in text.

mod defaults;
mod deployed;
mod marks;
mod message;
mod render;
mod report;
mod source;
mod tag;

pub use message::{CompilerMessage, Place};
pub use report::{Finding, OtherError, Outcome, Uses};

use crate::diff::{Diff, Severity};
use crate::{Files, Generator, emit};

impl Generator {
    /// The Rust source files with a deprecation of every item that a change to `new` touches, but for safe
    /// changes. Its reason has the numbers of the changes; nothing else differs from [`rust`](Self::rust).
    #[must_use]
    pub fn rust_marked(mut self, new: &Self, diff: &Diff) -> Files {
        marks::mark(&mut self.ir, &new.ir, diff.changes(), |change| change.severity > Severity::Safe);
        emit::files(&self.ir, self.config.preamble())
    }

    /// Like [`rust_marked`](Self::rust_marked), for programs that are already built: safe changes are marked as well, and
    /// calls by the fields that they fetch without a selection of the user's own.
    #[must_use]
    pub fn rust_marked_for_deployed(mut self, new: &Self, diff: &Diff) -> Files {
        marks::mark(&mut self.ir, &new.ir, diff.changes(), |_| true);
        defaults::mark(&mut self.ir, diff.changes());
        emit::files(&self.ir, self.config.preamble())
    }
}
