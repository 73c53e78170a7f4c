//! The mutation `discoveredConfigurationItems`.
//!
//! Categories are matched by their reference, products and configuration items by their source and source
//! id, products also by their `productID` and items by their serial number. Other records are created.
//! `meta.strategy` restricts that: `CREATE` updates no records, `UPDATE` creates none.

use serde_json::{Value, json};

use super::change::Change;
use super::validation_error::{indexed, join};
use crate::async_query;
use crate::relation;
use crate::store::{Fields, ME};

/// The maximum number of configuration items in one call.
const MAX_ITEMS: usize = 100;

/// One call: the parts of the input that apply to all items, and the keys of the items so far.
struct Call<'a> {
    input: &'a Fields,
    source: &'a str,
    items: &'a mut Vec<String>,
}

impl Change<'_> {
    /// Creates and updates the records, adds the keys of the items to `items`, and returns the key of the
    /// `AsyncQuery`.
    pub(super) fn discover(
        &mut self,
        input: &Fields,
        origin: &str,
        items: &mut Vec<String>,
    ) -> Option<String> {
        let source = input.get("source").and_then(Value::as_str).unwrap_or_default();
        if source.trim().is_empty() {
            self.refuse_blank(&["source"], "source");
        }
        let mut call = Call { input, source, items };
        let categories = objects(input, "physicalAssets");
        let count: usize = categories
            .iter()
            .flat_map(|(_, category)| objects(category, "products"))
            .map(|(_, product)| objects(product, "configurationItems").len())
            .sum();
        if count > MAX_ITEMS {
            let message = format!("at most {MAX_ITEMS} configuration items are allowed, not {count}");
            self.refuse(&["physicalAssets"], message);
            return None;
        }
        for (index, category) in &categories {
            self.discover_category(&mut call, category, &["physicalAssets", index]);
        }
        let key = self.insert("AsyncQuery");
        let number = self.store.get(&key).map(|record| record.number)?;
        let url = format!("{origin}{}{number}", async_query::PATH);
        self.set_all(&key, json!({ "person": ME, "status": "queued", "errorCount": 0, "resultUrl": url }));
        Some(key)
    }

    fn discover_category(&mut self, call: &mut Call, input: &Fields, path: &[&str]) {
        let known = self.first("ProductCategory", |fields| fields.get("reference") == input.get("reference"));
        let category = self.upsert("ProductCategory", known, input);
        if let Some((category, true)) = &category {
            self.take(category, input, &["name", "reference", "sourceID"], path);
            self.set(category, "source", json!(call.source));
        }
        let category = category.map(|(key, _)| key);
        for (index, product) in objects(input, "products") {
            let path = join(path, &["products", &index]);
            self.discover_product(call, category.as_deref(), product, &path);
        }
    }

    fn discover_product(&mut self, call: &mut Call, category: Option<&str>, input: &Fields, path: &[&str]) {
        let known = self.first("Product", |fields| {
            let is_same = |name: &str| is_same(fields, input, name);
            (fields.get("source") == Some(&json!(call.source)) && is_same("sourceID"))
                || is_same("productID")
                || ["brand", "model", "name"].iter().all(|name| is_same(name))
        });
        let product = self.upsert("Product", known, input);
        if let Some((product, true)) = &product {
            let names = ["brand", "model", "name", "productID", "sourceID", "service", "uiExtensionId"];
            self.take(product, input, &names, path);
            self.set(product, "source", json!(call.source));
            if let Some(category) = category {
                self.relate(product, "productCategory", Some(category.to_owned()));
            }
        }
        let product = product.map(|(key, _)| key);
        for (index, item) in objects(input, "configurationItems") {
            let path = join(path, &["configurationItems", &index]);
            self.discover_item(call, product.as_deref(), item, &path);
        }
    }

    fn discover_item(&mut self, call: &mut Call, product: Option<&str>, input: &Fields, path: &[&str]) {
        for name in ["name", "sourceID"] {
            if input.get(name).and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
                self.refuse_blank(&join(path, &[name]), name);
            }
        }
        let mut sources = vec![json!(call.source)];
        let alternatives = call.input.get("alternativeSources").and_then(Value::as_array);
        sources.extend(alternatives.into_iter().flatten().cloned());
        let is_same = |fields: &Fields, name| is_same(fields, input, name);
        let by_source = |fields: &Fields| {
            is_same(fields, "sourceID") && fields.get("source").is_some_and(|source| sources.contains(source))
        };
        let by_serial = || self.first("ConfigurationItem", |fields| is_same(fields, "serialNr"));
        let known = self.first("ConfigurationItem", by_source).or_else(by_serial);
        let is_new = known.is_none();
        let Some((item, may_change)) = self.upsert("ConfigurationItem", known, input) else { return };
        call.items.push(item.clone());
        if !may_change {
            return;
        }
        if is_new {
            self.set_all(&item, json!({ "source": call.source, "status": "in_production" }));
            if let Some(product) = product {
                self.relate(&item, "product", Some(product.to_owned()));
            }
            if let Some(team) = call.input.get("supportTeam").filter(|team| !team.is_null()) {
                self.relate_by_name(&item, "supportTeam", "Team", team, &["supportTeam"]);
            }
        }
        for name in input.keys() {
            match name.as_str() {
                "meta" | "ciRelations" => {}
                "userIds" => self.take_users(call, &item, input, path),
                name => self.take(&item, input, &[name], path),
            }
        }
        self.take_relations(call, &item, input, path);
        self.set(&item, "updatedAt", json!(self.now));
    }

    /// Replaces the users, or adds to them by the strategy of the call.
    fn take_users(&mut self, call: &Call<'_>, item: &str, input: &Fields, path: &[&str]) {
        let strategy =
            call.input.get("referenceStrategies").and_then(|all| all.pointer("/ciUserIds/strategy"));
        let old = self.list(item, "users");
        self.take(item, input, &["userIds"], path);
        if strategy == Some(&json!("APPEND")) {
            let new = self.list(item, "users");
            let added: Vec<String> = new.into_iter().filter(|user| !old.contains(user)).collect();
            for user in &old {
                relation::link(self.model, self.store, item, "users", user);
            }
            self.set(item, "users", json!([old, added].concat()));
        }
    }

    /// Adds children to the relations of an item.
    fn take_relations(&mut self, call: &Call<'_>, item: &str, input: &Fields, path: &[&str]) {
        let Some(Value::Object(relations)) = input.get("ciRelations") else { return };
        let mut children = Vec::new();
        for (index, id) in relations.get("childIds").into_iter().flat_map(indexed) {
            let path = join(path, &["ciRelations", "childIds", &index]);
            children.extend(self.find("ConfigurationItem", id, &path));
        }
        for (index, reference) in objects(relations, "childSourceRefs") {
            let source = reference.get("source").filter(|source| !source.is_null()).cloned();
            let source = source.unwrap_or_else(|| json!(call.source));
            let found = self.first("ConfigurationItem", |fields| {
                fields.get("sourceID") == reference.get("sourceID") && fields.get("source") == Some(&source)
            });
            if found.is_none() {
                let path = join(path, &["ciRelations", "childSourceRefs", &index]);
                self.refuse(&path, "Configuration item not found");
            }
            children.extend(found);
        }
        for child in children {
            let known: Vec<String> = self.list(item, "ciRelations");
            let mut relations = known.iter().filter_map(|relation| self.store.get(relation));
            if relations.any(|relation| relation.text("configurationItem") == Some(&child)) {
                continue;
            }
            let relation = self.insert("ConfigurationItemRelation");
            let values =
                json!({ "configurationItem": child, "relationType": "child", "source": call.source });
            self.set_all(&relation, values);
            self.set(item, "ciRelations", json!([known, vec![relation]].concat()));
        }
    }

    fn take(&mut self, key: &str, input: &Fields, names: &[&str], path: &[&str]) {
        for (name, value) in names.iter().filter_map(|name| Some((*name, input.get(*name)?))) {
            self.apply(key, name, value, input, path);
        }
    }

    /// The record and whether to update it; `None` if it neither exists nor may be created.
    fn upsert(&mut self, type_name: &str, known: Option<String>, input: &Fields) -> Option<(String, bool)> {
        let strategy = input.get("meta").and_then(|meta| meta.get("strategy")).and_then(Value::as_str);
        match (known, strategy) {
            (Some(known), strategy) => Some((known, strategy != Some("CREATE"))),
            (None, Some("UPDATE")) => None,
            (None, _) => Some((self.insert(type_name), true)),
        }
    }
}

/// Whether a record and an input have the same value, other than none.
fn is_same(fields: &Fields, input: &Fields, name: &str) -> bool {
    let known = fields.get(name).filter(|known| !known.is_null() && known.as_str() != Some(""));
    known.is_some() && known == input.get(name)
}

/// The objects of a list in the input, with their indexes.
fn objects<'a>(input: &'a Fields, name: &str) -> Vec<(String, &'a Fields)> {
    let items = input.get(name).into_iter().flat_map(indexed);
    items.filter_map(|(index, item)| Some((index, item.as_object()?))).collect()
}
