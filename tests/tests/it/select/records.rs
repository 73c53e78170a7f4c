//! The other half of the interfaces that a field returns: see `interfaces`.

use crate::raw_json::Raw;
use crate::select::interfaces::{
    ContractPart, ItemPart, ProblemPart, ProjectTaskPart, RequestPart, TaskPart, parts, varied,
};
use crate::select::{Api, selection, variant};
use serde_json::Value;
use xurrent::{Connection, Id, ProductBacklog, Ref, Select, TimeEntryView, Timestamp};
use xurrent_sandbox::node_id;

// HasSprintBacklogItems

selection! {
    #[select(on = HasSprintBacklogItems)]
    pub(crate) enum Backlogged { Request(RequestPart), Problem(ProblemPart), .. }
}

selection! {
    #[select(on = HasSprintBacklogItems)]
    struct OwnOfBacklogged { #[select(first = 1)] sprint_backlog_items: Connection<Ref<xurrent::SprintBacklogItem>>, }
}

selection! {
    #[select(on = SprintBacklogItem)]
    struct SprintItem { record: Option<Backlogged>, #[select(rename = "record")] own: Option<OwnOfBacklogged>, }
}

selection! {
    #[select(on = Sprint)]
    struct SprintItems { #[select(first = 9)] sprint_backlog_items: Vec<SprintItem>, }
}

#[tokio::test]
async fn sprint_backlog_items() {
    let api = Api::new().await;
    let sprints = api.client.sprints().select::<SprintItems>().all().await.unwrap();
    let selection = format!(
        "sprint_backlog_items: sprintBacklogItems(first: 9) {{ nodes {{ record {{ {} }} own: record {{
            sprint_backlog_items: sprintBacklogItems(first: 1) {{
                totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ id }} }} }} }} }}",
        parts(&["Request", "Problem"])
    );
    let data = api.data(&format!("{{ sprints(first: 100) {{ nodes {{ {selection} }} }} }}")).await;
    sprints.same(&data["sprints"], "sprints");
    assert!(data.to_string().contains("Problem_status"), "{data}");
}

// HasTimeEntries

selection! {
    #[select(on = HasTimeEntries)]
    pub(crate) enum Assignment { Request(RequestPart), Task(TaskPart), .. }
}

selection! {
    #[select(on = HasTimeEntries, exhaustive)]
    pub(crate) enum EveryAssignment {
        Problem(ProblemPart), ProjectTask(ProjectTaskPart), Request(RequestPart), Task(TaskPart),
    }
}

selection! {
    #[select(on = HasTimeEntries)]
    struct OwnOfAssignment { #[select(last = 2)] time_entries: Vec<Ref<xurrent::TimeEntry>>, }
}

selection! {
    #[select(on = TimeEntry)]
    struct Entry {
        assignment: Option<Assignment>,
        #[select(rename = "assignment")] every: Option<EveryAssignment>,
        #[select(rename = "assignment")] own: Option<OwnOfAssignment>,
    }
}

#[tokio::test]
async fn assignments_of_time_entries() {
    let api = Api::new().await;
    let entries = api.client.time_entries().view(TimeEntryView::All).select::<Entry>().all().await.unwrap();
    let selection = format!(
        "assignment {{ {} }} every: assignment {{ {} }} own: assignment {{
            time_entries: timeEntries(last: 2) {{ nodes {{ id }} }} }}",
        parts(&["Request", "Task"]),
        parts(&["Request", "Task", "Problem", "ProjectTask"])
    );
    let raw = api.same_nodes(&entries, "timeEntries(view: all, first: 100)", &selection).await;
    varied(&raw, &["Request", "Task"]);
}

// HasTranslations

selection! {
    #[select(on = HasTranslations)]
    pub(crate) enum Translated { Survey(SurveyPart), ShopArticle(ShopPart), .. }
}

selection! {
    #[select(on = Survey)]
    pub(crate) struct SurveyPart { id: Id, #[select(rename = "disabled")] label: Option<bool>, }
}

selection! {
    #[select(on = ShopArticle)]
    pub(crate) struct ShopPart { id: Id, #[select(rename = "name")] label: Option<String>, }
}

pub(crate) const TRANSLATED: &str = "__typename ... on Survey { Survey_id: id Survey_label: disabled }
    ... on ShopArticle { ShopArticle_label: name ShopArticle_id: id }";

selection! {
    #[select(on = HasTranslations)]
    struct OwnOfTranslated { #[select(first = 3)] translations: Vec<Text>, }
}

selection! {
    #[select(on = Translation)]
    struct Text { id: Id, text: Option<String>, }
}

selection! {
    #[select(on = Translation)]
    struct OwnedText { owner: Option<Translated>, #[select(rename = "owner")] own: Option<OwnOfTranslated>, }
}

#[tokio::test]
async fn owners_of_translations() {
    let api = Api::new().await;
    let translations = api.client.translations().select::<OwnedText>().all().await.unwrap();
    let selection =
        format!("owner {{ {TRANSLATED} }} own: owner {{ translations(first: 3) {{ nodes {{ id text }} }} }}");
    let raw = api.same_nodes(&translations, "translations(first: 100)", &selection).await;
    varied(&raw, &["Survey", "ShopArticle"]);
}

// ProductBacklogItem

selection! {
    #[select(on = ProductBacklogItem)]
    pub(crate) enum ProductItem { Request(RequestPart), .. }
}

selection! {
    #[select(on = ProductBacklogItem, exhaustive)]
    pub(crate) enum EveryProductItem { Request(RequestPart), Problem(ProblemPart), }
}

selection! {
    #[select(on = ProductBacklogItem)]
    struct OwnOfProductItem {
        product_backlog: Option<Ref<ProductBacklog>>,
        product_backlog_position: Option<i64>,
        product_backlog_estimate: Option<i64>,
    }
}

selection! {
    #[select(on = ProductBacklog)]
    struct Backlog {
        #[select(first = 5)] items: Option<Connection<ProductItem>>,
        #[select(rename = "items", first = 5)] every: Vec<EveryProductItem>,
        #[select(rename = "items", first = 5)] own: Option<Vec<OwnOfProductItem>>,
    }
}

#[tokio::test]
async fn product_backlog_items() {
    let api = Api::new().await;
    let backlogs = api.client.product_backlogs().select::<Backlog>().all().await.unwrap();
    let selection = format!(
        "items(first: 5) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {} }} }}
        every: items(first: 5) {{ nodes {{ {} }} }}
        own: items(first: 5) {{ nodes {{ product_backlog: productBacklog {{ id }}
            product_backlog_position: productBacklogPosition
            product_backlog_estimate: productBacklogEstimate }} }}",
        parts(&["Request"]),
        parts(&["Request", "Problem"])
    );
    let raw = api.same_nodes(&backlogs, "productBacklogs(first: 100)", &selection).await;
    varied(&raw, &["Request"]);
}

// Record, and Node behind it.

selection! {
    #[select(on = Record)]
    pub(crate) enum AnyRecord { ConfigurationItem(ItemPart), Contract(ContractPart), .. }
}

selection! {
    #[select(on = Record)]
    struct OwnOfRecord { id: Id, created_at: Option<Timestamp>, account: Option<Named>, }
}

selection! {
    #[select(on = Account)]
    struct Named {
        id: Id,
        name: Option<String>,
    }
}

selection! {
    #[select(on = SyncSet)]
    struct Synced {
        #[select(first = 9)] selected_records: Vec<AnyRecord>,
        #[select(rename = "selectedRecords", first = 9)] own: Vec<OwnOfRecord>,
    }
}

#[tokio::test]
async fn selected_records() {
    let api = Api::new().await;
    let sets = api.client.sync_sets().select::<Synced>().all().await.unwrap();
    let selection = format!(
        "selected_records: selectedRecords(first: 9) {{ nodes {{ {} }} }}
        own: selectedRecords(first: 9) {{ nodes {{ id created_at: createdAt account {{ id name }} }} }}",
        parts(&["ConfigurationItem", "Contract"])
    );
    let raw = api.same_nodes(&sets, "syncSets(first: 100)", &selection).await;
    varied(&raw, &["ConfigurationItem", "Contract"]);
}

selection! {
    #[select(on = Node)]
    pub(crate) enum Anything { Request(RequestPart), Task(TaskPart), ConfigurationItem(ItemPart), .. }
}

selection! {
    #[select(on = Node)]
    struct Identified { id: Id, #[select(rename = "__typename")] kind: String, }
}

#[tokio::test]
async fn any_node() {
    let api = Api::new().await;
    for ty in ["Request", "Task", "ConfigurationItem", "Person", "Note"] {
        let id = node_id(ty, 1);
        let own = parts(&["Request", "Task", "ConfigurationItem"]);
        let document =
            format!("{{ own: node(id: {id:?}) {{ id kind: __typename }} node(id: {id:?}) {{ {own} }} }}");
        let data = api.data(&document).await;
        assert_eq!(data["own"]["kind"], ty);
        api.client.node::<Anything>(&*id).await.unwrap().unwrap().same(&data["node"], ty);
        api.client.node::<Identified>(&*id).await.unwrap().unwrap().same(&data["own"], ty);
    }
}
