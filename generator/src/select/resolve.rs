//! A document with its fragments merged, each field with its declaration.

use super::error::{SelectError, error};
use crate::ir::{Ir, Object, OutputField, RustType};
use crate::names::nearest;
use apollo_compiler::Node;
use apollo_compiler::ast::{
    self, Argument, Definition, DirectiveList, Document, FragmentDefinition, OperationDefinition,
    OperationType, Value,
};
use std::collections::BTreeMap;

/// An operation.
pub(super) struct Operation<'a> {
    pub(super) name: Option<String>,
    /// `query` or `mutation`.
    pub(super) keyword: &'static str,
    pub(super) root: Selected<'a>,
}

/// The selected part of a type.
pub(super) struct Selected<'a> {
    /// The GraphQL name of the type.
    pub(super) graphql: String,
    /// The Rust name of the type.
    pub(super) rust: String,
    pub(super) fields: Vec<SelectedField<'a>>,
    /// Selections on possible types of an interface or a union.
    pub(super) variants: Vec<Selected<'a>>,
}

/// A selected field.
pub(super) struct SelectedField<'a> {
    /// Its key in the response.
    pub(super) key: String,
    pub(super) arguments: Vec<(String, Value)>,
    pub(super) part: Part<'a>,
}

pub(super) enum Part<'a> {
    TypeName,
    Leaf(&'a OutputField),
    Object(&'a OutputField, Selected<'a>),
    /// The nodes of a connection, and whether anything of the connection itself is selected.
    Connection(&'a OutputField, Selected<'a>, bool),
}

pub(super) fn operation<'a>(
    ir: &'a Ir,
    document: &Document,
    operation: &OperationDefinition,
) -> Result<Operation<'a>, SelectError> {
    let keyword = match operation.operation_type {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => return error("subscriptions are not supported"),
    };
    let Some(root) = ir.roots.iter().find(|root| root.kind == keyword) else {
        return error(format!("the schema has no {keyword} type"));
    };
    let fragments = document.definitions.iter().filter_map(|definition| match definition {
        Definition::FragmentDefinition(fragment) => Some((fragment.name.as_str(), fragment)),
        _ => None,
    });
    let resolver = Resolver { ir, objects: ir.objects(), fragments: fragments.collect() };
    no_directives(&operation.directives)?;
    Ok(Operation {
        name: operation.name.as_ref().map(ToString::to_string),
        keyword,
        root: resolver.selected(&root.graphql, &operation.selection_set, &mut Vec::new())?,
    })
}

struct Resolver<'a, 'd> {
    ir: &'a Ir,
    objects: BTreeMap<&'a str, &'a Object>,
    fragments: BTreeMap<&'d str, &'d Node<FragmentDefinition>>,
}

/// A type on which fields can be selected.
struct Owner<'a> {
    rust: String,
    fields: Vec<&'a OutputField>,
    /// GraphQL names of the possible types of an interface or a union.
    possible: Option<Vec<&'a str>>,
}

impl<'a> Resolver<'a, '_> {
    fn owner(&self, graphql: &str) -> Result<Owner<'a>, SelectError> {
        if let Some(root) = self.ir.roots.iter().find(|root| root.graphql == graphql) {
            let rust = if root.kind == "query" { "Query" } else { "Mutation" };
            return Ok(Owner { rust: rust.to_owned(), fields: root.fields.iter().collect(), possible: None });
        }
        if let Some(object) = self.objects.get(graphql) {
            let fields = object.fields.iter().collect();
            return Ok(Owner { rust: object.rust.clone(), fields, possible: None });
        }
        let mut interfaces = self.ir.files.values().flat_map(|file| &file.interfaces);
        match interfaces.find(|interface| interface.object.graphql == graphql) {
            Some(interface) => Ok(Owner {
                rust: interface.object.rust.clone(),
                fields: interface.object.fields.iter().collect(),
                possible: Some(interface.types.variants.iter().map(|it| it.value.as_str()).collect()),
            }),
            None => error(format!("the schema has no type `{graphql}` with fields")),
        }
    }

    /// The GraphQL name of the type behind a field.
    fn target(&self, field: &OutputField) -> Option<String> {
        fn name(ty: &RustType) -> Option<&str> {
            match ty {
                RustType::Generated(name) | RustType::Ref(name, _) | RustType::Nodes { node: name, .. } => {
                    Some(name)
                }
                RustType::List(inner) | RustType::Nullable(inner) => name(inner),
                RustType::Scalar(_) | RustType::Path(_) | RustType::Filter { .. } => None,
            }
        }
        let rust = name(&field.ty)?;
        let objects = self.ir.files.values().flat_map(|file| &file.objects);
        let interfaces = self.ir.files.values().flat_map(|file| &file.interfaces).map(|it| &it.object);
        objects.chain(interfaces).find(|it| it.rust == rust).map(|it| it.graphql.clone())
    }

    fn selected(
        &self,
        graphql: &str,
        set: &[ast::Selection],
        open: &mut Vec<String>,
    ) -> Result<Selected<'a>, SelectError> {
        let owner = self.owner(graphql)?;
        let (mut fields, mut variants) = (Vec::new(), BTreeMap::new());
        self.flatten(graphql, &owner, set, &mut fields, &mut variants, open)?;
        if let Some(errors) = self.objects.get(graphql).and_then(|object| object.errors.as_deref()) {
            // The client reads them.
            fields.retain(|field| field.name != errors);
        }
        let mut merged: Vec<(String, Node<ast::Field>, Vec<ast::Selection>)> = Vec::new();
        for field in fields {
            let key = field.response_name().to_string();
            match merged.iter_mut().find(|(other, ..)| *other == key) {
                None => merged.push((key, field.clone(), field.selection_set.clone())),
                Some((_, first, set)) if first.name == field.name && first.arguments == field.arguments => {
                    set.extend(field.selection_set.iter().cloned());
                }
                Some(_) => {
                    return error(format!("`{key}` of `{graphql}` is selected in two ways: use an alias"));
                }
            }
        }
        let fields =
            merged.iter().map(|(key, field, set)| self.field(graphql, &owner, key, field, set, open));
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        let variants = variants.iter().map(|(name, set)| self.selected(name, set, open));
        let variants = variants.collect::<Result<Vec<_>, _>>()?;
        Ok(Selected { graphql: graphql.to_owned(), rust: owner.rust, fields, variants })
    }

    /// Replaces fragments by their fields, or by the possible type they select on.
    fn flatten(
        &self,
        graphql: &str,
        owner: &Owner<'a>,
        set: &[ast::Selection],
        fields: &mut Vec<Node<ast::Field>>,
        variants: &mut BTreeMap<String, Vec<ast::Selection>>,
        open: &mut Vec<String>,
    ) -> Result<(), SelectError> {
        for selection in set {
            let (condition, inner, fragment) = match selection {
                ast::Selection::Field(field) => {
                    no_directives(&field.directives)?;
                    fields.push(field.clone());
                    continue;
                }
                ast::Selection::InlineFragment(fragment) => {
                    no_directives(&fragment.directives)?;
                    (fragment.type_condition.as_ref(), &fragment.selection_set, None)
                }
                ast::Selection::FragmentSpread(spread) => {
                    no_directives(&spread.directives)?;
                    let name = spread.fragment_name.as_str();
                    let Some(fragment) = self.fragments.get(name) else {
                        return error(format!("the document has no fragment `{name}`"));
                    };
                    if open.iter().any(|open| open == name) {
                        return error(format!("the fragment `{name}` contains itself"));
                    }
                    (Some(&fragment.type_condition), &fragment.selection_set, Some(name))
                }
            };
            open.extend(fragment.map(str::to_owned));
            match condition.map(|name| name.as_str()) {
                Some(name) if owner.possible.as_ref().is_some_and(|types| types.contains(&name)) => {
                    variants.entry(name.to_owned()).or_default().extend(inner.iter().cloned());
                }
                // A fragment on an interface that the type implements.
                Some(name) if name != graphql && !self.is_possible(name, graphql)? => {
                    return error(format!("a fragment on `{name}` cannot be used on `{graphql}`"));
                }
                _ => self.flatten(graphql, owner, inner, fields, variants, open)?,
            }
            if fragment.is_some() {
                open.pop();
            }
        }
        Ok(())
    }

    fn is_possible(&self, interface: &str, object: &str) -> Result<bool, SelectError> {
        Ok(self.owner(interface)?.possible.is_some_and(|types| types.contains(&object)))
    }

    fn field(
        &self,
        graphql: &str,
        owner: &Owner<'a>,
        key: &str,
        field: &ast::Field,
        set: &[ast::Selection],
        open: &mut Vec<String>,
    ) -> Result<SelectedField<'a>, SelectError> {
        let name = field.name.as_str();
        let argument = |argument: &Node<Argument>| (argument.name.to_string(), (*argument.value).clone());
        let arguments = field.arguments.iter().map(argument).collect();
        let selected = |part| Ok(SelectedField { key: key.to_owned(), arguments, part });
        if name == "__typename" {
            return selected(Part::TypeName);
        }
        let Some(declared) = owner.fields.iter().find(|field| field.graphql == name) else {
            let hint = match nearest(name, owner.fields.iter().map(|field| field.graphql.as_str())) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => String::new(),
            };
            return error(format!("no field `{name}` on `{graphql}`{hint}"));
        };
        let Some(target) = self.target(declared) else {
            return match set.is_empty() {
                true => selected(Part::Leaf(declared)),
                false => error(format!("`{graphql}.{name}` is no object: remove its selection")),
            };
        };
        // Enums have declarations of their own, so a target is an object.
        if set.is_empty() {
            return error(format!("`{graphql}.{name}` is an object: select fields of it in `{{ .. }}`"));
        }
        if !matches!(declared.ty, RustType::Nodes { .. }) {
            return selected(Part::Object(declared, self.selected(&target, set, open)?));
        }
        let (mut nodes, mut is_whole) = (Vec::new(), false);
        for part in set {
            let ast::Selection::Field(part) = part else {
                return error(format!("select `nodes` of the connection `{name}` without a fragment"));
            };
            match part.name.as_str() {
                "nodes" => nodes.extend(part.selection_set.iter().cloned()),
                "edges" => {
                    for edge in &part.selection_set {
                        match edge {
                            ast::Selection::Field(node) if node.name == "node" => {
                                nodes.extend(node.selection_set.iter().cloned());
                            }
                            _ => return error(format!("select `nodes` instead of `edges` of `{name}`")),
                        }
                    }
                }
                "totalCount" | "pageInfo" => is_whole = true,
                other => return error(format!("no field `{other}` on the connection `{name}`")),
            }
        }
        match nodes.is_empty() {
            true => error(format!("select `nodes` of the connection `{name}`, for example `nodes {{ id }}`")),
            false => selected(Part::Connection(declared, self.selected(&target, &nodes, open)?, is_whole)),
        }
    }
}

fn no_directives(directives: &DirectiveList) -> Result<(), SelectError> {
    match directives.iter().next() {
        None => Ok(()),
        Some(directive) => {
            error(format!("remove `@{}`: a selection is fixed when it compiles", directive.name))
        }
    }
}
