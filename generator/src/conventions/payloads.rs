//! Payloads of mutations, told from the records that mutations return.

use super::payload_errors::PayloadErrors;
use crate::Schema;
use crate::schema::Kind;
use std::collections::BTreeSet;

/// The object types that mutations return and that nothing else leads to: no other field, and no interface or
/// union of a field. So no node is among them, and no root type. Of two environments, both have to lead to it, unless
/// only one has the type.
pub(super) fn returned_by_mutations_only(schema: &Schema) -> BTreeSet<&str> {
    let Some(mutation) = schema.mutation_type() else { return BTreeSet::new() };
    let (mut returned, mut elsewhere, mut abstracts) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for ty in &schema.types {
        for field in ty.fields.iter().flatten() {
            let name = field.ty.name();
            let is_in_both = |name| schema.get(name).is_some_and(|ty| ty.only_in.is_none());
            match schema.kind(name) {
                Kind::Object if ty.name == mutation => returned.insert(name),
                Kind::Object | Kind::Interface | Kind::Union
                    if field.only_in.is_some() && is_in_both(name) =>
                {
                    false
                }
                Kind::Object => elsewhere.insert(name),
                Kind::Interface | Kind::Union => abstracts.insert(name),
                _ => false,
            };
        }
    }
    elsewhere.extend(abstracts.into_iter().flat_map(|name| schema.possible_types(name)));
    elsewhere.extend([schema.query_type(), mutation]);
    returned.retain(|name| !elsewhere.contains(name));
    returned
}

/// The payloads among them: those with a list of errors, a name that ends in `Payload`, or no id, since nothing
/// fetches them again.
pub(super) fn payloads<'a>(
    schema: &Schema,
    mut returned: BTreeSet<&'a str>,
    errors: &PayloadErrors<'_>,
) -> BTreeSet<&'a str> {
    let has_id = |name| schema.fields(name).iter().any(|field| field.name == "id");
    returned.retain(|name| errors.of_payload(name).is_some() || name.ends_with("Payload") || !has_id(name));
    returned
}
