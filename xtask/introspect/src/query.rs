//! The introspection query.

/// How many `ofType` are asked for below a `type`. `[[[T!]!]!]!` has seven.
pub const TYPE_LEVELS: usize = 9;

/// What to ask about arguments and input fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inputs {
    /// All of them, and which are deprecated.
    WithDeprecated,
    /// Those that are not deprecated: all that an older server can tell.
    Plain,
}

/// The query for everything that `schema.json` holds.
#[must_use]
pub fn document(inputs: Inputs) -> String {
    let (all, deprecation) = match inputs {
        Inputs::WithDeprecated => ("(includeDeprecated: true)", " isDeprecated deprecationReason"),
        Inputs::Plain => ("", ""),
    };
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
      description
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
