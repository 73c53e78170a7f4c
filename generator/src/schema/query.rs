//! The introspection query.

/// Levels of `ofType` below a `type`. `[[[T!]!]!]!` has seven.
const TYPE_LEVELS: usize = 9;

/// Whether to query deprecated arguments and input fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeprecatedInputs {
    /// All of them, with their deprecation.
    Included,
    /// Only those that are not deprecated, as older servers require.
    Omitted,
}

/// The introspection query for everything in `schema.json`.
#[must_use]
pub fn introspection_query(deprecated: DeprecatedInputs) -> String {
    let (all, deprecation) = match deprecated {
        DeprecatedInputs::Included => ("(includeDeprecated: true)", " isDeprecated deprecationReason"),
        DeprecatedInputs::Omitted => ("", ""),
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
