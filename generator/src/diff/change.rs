//! One difference, and its classes.

use serde::Serialize;
use std::fmt;

/// What a change means for the source of a program that is built against the new SDK. In the order of harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Severity {
    /// It compiles and means the same.
    Safe,
    /// It compiles and means something else, or warns.
    Behavioural,
    /// It does not compile, or the server refuses it.
    Breaking,
}

/// What a change means for a program that is already built, with the old SDK, at the new server. In the order of
/// harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Deployed {
    /// It works as before.
    Works,
    /// It works, and means something else.
    Changes,
    /// The server refuses a request, or a response cannot be decoded.
    Fails,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)+) => {
        /// Kinds of changes. `Display` and serde have them in kebab case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[non_exhaustive]
        pub enum ChangeKind {
            $($(#[$doc])* #[serde(rename = $name)] $kind,)+
        }

        impl ChangeKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The name: `field-removed`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }
        }
    };
}

kinds! {
    /// A type is new.
    TypeAdded = "type-added",
    /// A type is gone.
    TypeRemoved = "type-removed",
    /// A type is of another kind.
    TypeKindChanged = "type-kind-changed",
    /// A field of an output type, or a root field, is new.
    FieldAdded = "field-added",
    /// A field of an output type, or a root field, is gone.
    FieldRemoved = "field-removed",
    /// The type of a field differs.
    FieldTypeChanged = "field-type-changed",
    /// An argument is new.
    ArgumentAdded = "argument-added",
    /// An argument is gone.
    ArgumentRemoved = "argument-removed",
    /// The type of an argument differs.
    ArgumentTypeChanged = "argument-type-changed",
    /// A field of an input is new.
    InputFieldAdded = "input-field-added",
    /// A field of an input is gone.
    InputFieldRemoved = "input-field-removed",
    /// The type of a field of an input differs.
    InputFieldTypeChanged = "input-field-type-changed",
    /// The default of an argument or of a field of an input differs.
    DefaultChanged = "default-changed",
    /// An enum has a new value.
    ValueAdded = "value-added",
    /// An enum lacks a value.
    ValueRemoved = "value-removed",
    /// An interface or a union can be one more type.
    PossibleTypeAdded = "possible-type-added",
    /// An interface or a union can no longer be a type.
    PossibleTypeRemoved = "possible-type-removed",
    /// A type implements one more interface.
    InterfaceAdded = "interface-added",
    /// A type no longer implements an interface.
    InterfaceRemoved = "interface-removed",
    /// Something is deprecated.
    Deprecated = "deprecated",
    /// Something is no longer deprecated.
    DeprecationRemoved = "deprecation-removed",
    /// The reason of a deprecation differs.
    DeprecationReasonChanged = "deprecation-reason-changed",
    /// A description differs.
    DescriptionChanged = "description-changed",
    /// An operation has a root type now.
    RootTypeAdded = "root-type-added",
    /// An operation has no root type any more.
    RootTypeRemoved = "root-type-removed",
    /// The root type of an operation has another name.
    RootTypeRenamed = "root-type-renamed",
    /// A directive is new.
    DirectiveAdded = "directive-added",
    /// A directive is gone.
    DirectiveRemoved = "directive-removed",
    /// A directive has other locations, or can no longer be repeated.
    DirectiveChanged = "directive-changed",
    /// The specification of a scalar differs.
    SpecificationChanged = "specification-changed",
    /// An input takes exactly one of its fields now, or no longer.
    OneOfChanged = "one-of-changed",
    /// Records are referred to by another id, by an id at all, or no longer.
    ReferenceChanged = "reference-changed",
    /// A field became a stream of pages, or is no longer one, or its pages have other parts.
    ConnectionChanged = "connection-changed",
    /// The errors in the payload of a mutation are listed in another way.
    PayloadErrorsChanged = "payload-errors-changed",
    /// A field entered or left the struct of its type.
    DefaultSelectionChanged = "default-selection-changed",
    /// The Rust type differs, though the schema's does not: by the configuration, or by another change.
    RustTypeChanged = "rust-type-changed",
    /// The Rust name differs, though the schema's does not.
    RustNameChanged = "rust-name-changed",
    /// The generator concluded something else about the conventions of the API.
    ConventionChanged = "convention-changed",
    /// Two names of the new schema are the same in Rust: the generator refuses it.
    NameCollision = "name-collision",
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Safe => "safe",
            Self::Behavioural => "behavioural",
            Self::Breaking => "breaking",
        })
    }
}

impl fmt::Display for Deployed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Works => "works",
            Self::Changes => "changes",
            Self::Fails => "fails",
        })
    }
}

/// One difference between two schemas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// The record that it is grouped under: `Request`.
    pub record: String,
    /// What kind of change.
    pub kind: ChangeKind,
    /// The path in the schema: `RequestUpdateInput.memberId`, `Query.people(view:)`, `RequestStatus.closed`.
    pub path: String,
    /// The Rust paths, without the crate: `RequestUpdateInput::member_id`, `Client::request_update`.
    pub rust: Vec<String>,
    /// For source that is built against the new SDK.
    pub severity: Severity,
    /// For programs that are already built.
    pub deployed: Deployed,
    /// The difference: "type is `Int!`, was `Int`".
    pub summary: String,
    /// Why it is in its class.
    pub reason: String,
    /// What to write instead, where one can say.
    pub instead: Option<String>,
}
