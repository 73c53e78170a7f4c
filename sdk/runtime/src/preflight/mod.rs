//! Preflights: whether a server can still serve what a program selects, sends and calls.
//!
//! `live` introspects the types in question, `seed` knows most of them beforehand. `outputs`, `inputs` and
//! `calls` compare them with the selections, inputs and calls of the program, and `report` has what they find.

mod calls;
mod context;
mod declared;
mod inputs;
mod literal;
mod live;
mod methods;
mod nested_inputs;
mod outputs;
mod report;
mod returned;
mod seed;

pub use report::{Finding, FindingKind, PreflightReport};
pub use xurrent_values::Preflight;

use crate::call::impl_call;
use crate::client::ClientCore;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::BoxFuture;
use calls::RootCall;
use context::{At, Comparison};
use inputs::Variables;
use live::Live;
use std::collections::BTreeSet;
use std::fmt;
use xurrent_values::Expected;

/// Compares types and calls of a program with the schema of the server. Executes none of the calls.
///
/// Costs a request for what the introspection of the server offers, and one for each 50 types of the schema in
/// question: two in most programs. Types whose names only the server has cost further ones: those of nested inputs
/// of a call, of edges, and of fields that have another type.
#[must_use = "a preflight does nothing until it is awaited"]
#[derive(Clone)]
pub struct PreflightCall {
    client: ClientCore,
    parts: Vec<Part>,
}

#[derive(Clone)]
enum Part {
    Types(Expected),
    Call(RootCall),
    /// A call that cannot be sent at all.
    Invalid(std::sync::Arc<Error>),
}

impl PreflightCall {
    /// Compares types. Clients call this.
    #[doc(hidden)]
    pub fn new<T: Preflight>(client: &ClientCore) -> Self {
        const {
            assert!(
                T::EXPECTED.is_something(),
                "only selections, records, inputs and enums of the schema can be compared; for the arguments of a \
                 call, use its `preflight()`"
            );
        };
        Self { client: client.clone(), parts: vec![Part::Types(T::EXPECTED)] }
    }

    fn of_types(client: &ClientCore, expected: Expected) -> Self {
        Self { client: client.clone(), parts: vec![Part::Types(expected)] }
    }

    fn of_call(client: &ClientCore, call: Result<RootCall>) -> Self {
        let part = match call {
            Ok(call) => Part::Call(call),
            Err(error) => Part::Invalid(std::sync::Arc::new(error)),
        };
        Self { client: client.clone(), parts: vec![part] }
    }

    /// Adds what another one compares: together they cost fewer requests.
    ///
    /// ```no_run
    /// # use xurrent_runtime::{ConnectionField, ConnectionQuery, Client, Preflight};
    /// # async fn example<T: Preflight, F: ConnectionField>(
    /// #     client: Client,
    /// #     people: ConnectionQuery<F>,
    /// # ) -> xurrent_runtime::Result<()> {
    /// client.preflight::<T>().and(people.preflight()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn and(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// Asks the server. The result has notes, such as of deprecated fields.
    ///
    /// # Errors
    /// [`ErrorKind::SchemaMismatch`] if the server cannot serve everything: [`Error::preflight`] has all problems
    /// and notes. [`ErrorKind::GraphQl`] if the server refuses introspection; otherwise those of any query.
    pub async fn send(self) -> Result<PreflightReport> {
        self.compare().await
    }

    /// Boxed, so that the future is compiled with this crate.
    fn compare(self) -> BoxFuture<'static, Result<PreflightReport>> {
        Box::pin(async move {
            let Self { client, parts } = self;
            if let Some(error) = parts.iter().find_map(Part::invalid) {
                return Err(error.duplicate());
            }
            let mut live = Live::new(&client).await?;
            let mut needed = BTreeSet::new();
            for part in &parts {
                match part {
                    Part::Types(expected) => seed::of_type(expected, &mut needed),
                    Part::Call(call) => seed::of_call(call, &live, &mut needed),
                    Part::Invalid(_) => {}
                }
            }
            loop {
                live.fetch(&client, needed).await?;
                let mut comparison = Comparison::new(&live);
                for part in &parts {
                    match part {
                        Part::Types(expected) => comparison.types(expected),
                        Part::Call(call) => comparison.call(call),
                        Part::Invalid(_) => {}
                    }
                }
                if comparison.needed.is_empty() {
                    return result(comparison.report);
                }
                needed = comparison.needed;
            }
        })
    }
}

impl Part {
    fn invalid(&self) -> Option<&Error> {
        match self {
            Self::Invalid(error) => Some(error),
            _ => None,
        }
    }
}

fn result(mut report: PreflightReport) -> Result<PreflightReport> {
    let PreflightReport { problems, notes } = &mut report;
    notes.retain(|note| !problems.iter().any(|it| (it.kind, &it.path) == (note.kind, &note.path)));
    let message = match report.problems.len() {
        0 => return Ok(report),
        1 => "the server cannot serve this program".to_owned(),
        problems => format!("the server cannot serve this program: {problems} problems"),
    };
    Err(Error::new(ErrorKind::SchemaMismatch, message).with_reason(report))
}

impl Comparison<'_> {
    fn types(&mut self, expected: &Expected) {
        match *expected {
            Expected::Nothing => {}
            Expected::Selection { rust, on, selection, variables } => {
                let at = At::new(rust, on);
                if let Some(ty) = self.ty(on, &at) {
                    self.fields(selection, ty, &at, Variables(variables));
                }
            }
            Expected::Input(table) => self.input(table()),
            Expected::Enum { rust, name, values } => self.values(rust, name, values),
            Expected::All(all) => all.iter().for_each(|expected| self.types(expected)),
        }
    }
}

impl fmt::Debug for PreflightCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreflightCall").field("parts", &self.parts.len()).finish_non_exhaustive()
    }
}

impl_call!(PreflightCall: PreflightReport, client);
