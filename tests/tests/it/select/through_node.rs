//! Every interface through `node(id:)`, so that each variant is read, whatever the fields of the
//! interface return; and the payloads of mutations, which no field returns as an interface.

use crate::raw_json::Raw;
use crate::select::interfaces::{
    Archivable, BoardItem, ContractPart, EveryBoardItem, Hit, ItemPart, Noted, Ruled, TemplateHit,
    WorkflowPart, parts,
};
use crate::select::records::{
    AnyRecord, Anything, Assignment, Backlogged, EveryAssignment, EveryProductItem, ProductItem, TRANSLATED,
    Translated,
};
use crate::select::{selection, variant};
use serde_json::{Value, json};
use std::fs;
use xurrent::{Connection, Id, Ref, Select};
use xurrent_runtime::{Decoder, OperationType, RootField, Selection};
use xurrent_sandbox::{Engine, node_id};

selection! {
    #[select(on = HasInvoices)]
    enum Invoiced { Contract(ContractPart), ConfigurationItem(ItemPart), Workflow(WorkflowPart), .. }
}

selection! {
    #[select(on = HasInvoices)]
    struct OwnOfInvoiced {
        #[select(first = 3)] invoices: Connection<Ref<xurrent::Invoice>>,
        #[select(rename = "__typename")] kind: String,
    }
}

fn engine() -> Engine {
    Engine::new(&fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.json")).unwrap()).unwrap()
}

fn data(engine: &Engine, document: &str, variables: &Value) -> Value {
    let answer = engine.execute(&json!({"query": document, "variables": variables}));
    assert!(answer["errors"].is_null(), "{answer} for {document}");
    answer["data"].clone()
}

/// Sends what `T` selects on an interface inside of a root field that returns something wider, and
/// reads the answer.
fn inside<On, T: Select<On>>(
    engine: &Engine,
    root: RootField,
    interface: &'static str,
    variables: &Value,
) -> T {
    // The key of a variant begins with nothing here: what is inside is the interface's own.
    let fragment: &'static [_] = vec![(interface, "", T::SELECTION)].leak();
    let root = RootField { selection: Selection::Variants(fragment), ..root };
    let data = data(engine, &root.document(), variables);
    let text = data[root.name].to_string();
    let value = T::read(&mut Decoder::new(text.as_bytes()));
    value.unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn through_node<On, T: Select<On> + Raw>(
    engine: &Engine,
    interface: &'static str,
    types: &[&str],
    by_hand: &str,
) {
    for ty in types {
        let id = node_id(ty, 1);
        let raw = data(engine, &format!("{{ node(id: {id:?}) {{ {by_hand} }} }}"), &json!({}));
        let node = RootField {
            operation: OperationType::Query,
            name: "node",
            arguments: &[("id", "ID!")],
            connection: None,
            selection: Selection::Leaf,
        };
        inside::<On, T>(engine, node, interface, &json!({"id": id})).same(&raw["node"], ty);
    }
}

#[test]
fn every_variant_of_every_interface() {
    macro_rules! check {
        ($engine:ident: $($interface:ident $selection:ident [$($ty:ident)*] else [$($other:ident)*];)*) => {$({
            let by_hand = parts(&[$(stringify!($ty)),*]);
            let types = [$(stringify!($ty),)* $(stringify!($other)),*];
            through_node::<xurrent::$interface, $selection>(&$engine, stringify!($interface), &types, &by_hand);
        })*};
    }
    let engine = engine();
    check! { engine:
        AgileBoardItem BoardItem [Request Task] else [Problem ProjectTask];
        AgileBoardItem EveryBoardItem [Request Task Problem ProjectTask] else [];
        HasAutomationRules Ruled [Request Task] else [Workflow];
        HasGoldenSetExpectedHits Hit [KnowledgeArticle RequestTemplate] else [];
        HasGoldenSetExpectedHits TemplateHit [RequestTemplate] else [KnowledgeArticle];
        HasInvoices Invoiced [Contract ConfigurationItem Workflow] else [Project];
        HasLifeCycleState Archivable [Task Request] else [Person];
        HasNotes Noted [Workflow Request] else [Risk];
        HasSprintBacklogItems Backlogged [Request Problem] else [Task];
        HasTimeEntries Assignment [Request Task] else [Problem];
        HasTimeEntries EveryAssignment [Request Task Problem ProjectTask] else [];
        Node Anything [Request Task ConfigurationItem] else [Person];
        ProductBacklogItem ProductItem [Request] else [Problem];
        ProductBacklogItem EveryProductItem [Request Problem] else [];
        Record AnyRecord [ConfigurationItem Contract] else [Person];
    }
    let types = ["Survey", "ShopArticle", "Service"];
    through_node::<xurrent::HasTranslations, Translated>(&engine, "HasTranslations", &types, TRANSLATED);
    let by_hand = "kind: __typename ... on HasInvoices {
        invoices(first: 3) { totalCount pageInfo { hasNextPage endCursor } nodes { id } } }";
    through_node::<xurrent::HasInvoices, OwnOfInvoiced>(
        &engine,
        "HasInvoices",
        &["Contract", "Workflow"],
        by_hand,
    );
}

selection! {
    #[select(on = MutationPayload)]
    enum Changed { RequestUpdatePayload(RequestChanged), TaskUpdatePayload(TaskChanged), .. }
}

selection! {
    #[select(on = RequestUpdatePayload)]
    struct RequestChanged { #[select(rename = "request")] record: Option<Subject>, client_mutation_id: Option<String>, }
}

selection! {
    #[select(on = TaskUpdatePayload)]
    struct TaskChanged { #[select(rename = "task")] record: Option<Ref<xurrent::Task>>, }
}

selection! {
    #[select(on = Request)]
    struct Subject { id: Id, subject: Option<String>, }
}

selection! {
    #[select(on = MutationPayload)]
    struct OwnOfChanged {
        client_mutation_id: Option<String>,
        errors: Option<Vec<xurrent::ValidationError>>,
        #[select(rename = "__typename")] kind: String,
    }
}

#[test]
fn payloads_of_mutations() {
    let engine = engine();
    let by_hand = "__typename ... on MutationPayload { ... on RequestUpdatePayload {
            RequestUpdatePayload_record: request { id subject }
            RequestUpdatePayload_client_mutation_id: clientMutationId }
        ... on TaskUpdatePayload { TaskUpdatePayload_record: task { id } }
        client_mutation_id: clientMutationId errors { path message } kind: __typename }";
    for (name, record, key) in [
        ("requestUpdate", "Request", "subject"),
        ("taskUpdate", "Task", "subject"),
        ("problemUpdate", "Problem", "subject"),
    ] {
        let input = format!("{}UpdateInput!", record);
        for text in ["New", " "] {
            let variables =
                json!({"input": {"id": node_id(record, 1), key: text, "clientMutationId": "m-1"}});
            let raw = data(
                &engine,
                &format!("mutation m($input: {input}) {{ {name}(input: $input) {{ {by_hand} }} }}"),
                &variables,
            );
            assert_eq!(
                raw[name]["errors"].as_array().is_some_and(|errors| !errors.is_empty()),
                text == " ",
                "{raw}"
            );
            let root = || RootField {
                operation: OperationType::Mutation,
                name,
                arguments: vec![("input", &*input.clone().leak())].leak(),
                connection: None,
                selection: Selection::Leaf,
            };
            inside::<xurrent::MutationPayload, Changed>(&engine, root(), "MutationPayload", &variables)
                .same(&raw[name], name);
            inside::<xurrent::MutationPayload, OwnOfChanged>(&engine, root(), "MutationPayload", &variables)
                .same(&raw[name], name);
        }
    }
}
