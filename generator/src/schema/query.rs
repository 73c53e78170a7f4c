//! The introspection query.

/// Levels of `ofType` below a `type`. `[[[T!]!]!]!` has seven.
const TYPE_LEVELS: usize = 9;

/// The introspection query for everything that the generator reads. Older servers support less: omit what they
/// refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntrospectionQuery {
    /// Whether to ask which input objects take exactly one of their fields.
    pub one_of: bool,
    /// Whether to ask for deprecated arguments and input fields, with their deprecation.
    pub deprecated_inputs: bool,
}

impl Default for IntrospectionQuery {
    /// Requests all parts.
    fn default() -> Self {
        Self { one_of: true, deprecated_inputs: true }
    }
}

impl IntrospectionQuery {
    /// The query without what a server refuses with this message. None if the message names no such part.
    #[must_use]
    pub fn without(mut self, refusal: &str) -> Option<Self> {
        let before = self;
        let names = |parts: &[&str]| parts.iter().any(|part| refusal.contains(part));
        self.one_of &= !names(&["isOneOf"]);
        self.deprecated_inputs &= !names(&["includeDeprecated", "isDeprecated", "deprecationReason"]);
        (self != before).then_some(self)
    }

    /// The document.
    #[must_use]
    pub fn document(self) -> String {
        document(self)
    }
}

fn document(query: IntrospectionQuery) -> String {
    let (all, deprecation) = match query.deprecated_inputs {
        true => ("(includeDeprecated: true)", " isDeprecated deprecationReason"),
        false => ("", ""),
    };
    let one_of = if query.one_of { "\n      isOneOf" } else { "" };
    let type_ref =
        format!("kind name{}{}", " ofType { kind name".repeat(TYPE_LEVELS), " }".repeat(TYPE_LEVELS));
    format!(
        "query Introspection {{
  __schema {{
    queryType {{ name }}
    mutationType {{ name }}
    subscriptionType {{ name }}
    types {{
      kind
      name
      description{one_of}
      fields(includeDeprecated: true) {{
        name
        description
        args{all} {{ ...Input }}
        type {{ ...Wrapped }}
        isDeprecated
        deprecationReason
      }}
      inputFields{all} {{ ...Input }}
      interfaces {{ kind name }}
      enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }}
      possibleTypes {{ kind name }}
    }}
    directives {{ name description locations args{all} {{ ...Input }} }}
  }}
}}
fragment Input on __InputValue {{ name description type {{ ...Wrapped }} defaultValue{deprecation} }}
fragment Wrapped on __Type {{ {type_ref} }}
"
    )
}
