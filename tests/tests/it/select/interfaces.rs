//! Enums and structs on the interfaces of the schema: all that a field returns, through that field.

use crate::raw_json::Raw;
use crate::select::{Api, selection, typenames, variant};
use serde_json::Value;
use xurrent::{
    AgileBoard, AgreementStatus, ArchiveView, CiStatus, Connection, Id, KnowledgeArticleStatus,
    LifeCycleState, ProblemStatus, ProjectTaskStatus, Ref, RequestStatus, Select, TaskStatus, Timestamp,
    WorkflowStatus,
};

/// `status` is of another type in nearly each of these, and `category` is the name of another field.
macro_rules! parts {
    ($($name:ident on $ty:ident: $status:ident;)*) => {$(
        selection! {
            #[select(on = $ty)]
            pub(crate) struct $name {
                id: Id,
                status: Option<$status>,
                #[select(rename = "updatedAt")]
                category: Option<Timestamp>,
            }
        }
    )*};
}

parts! {
    RequestPart on Request: RequestStatus;
    TaskPart on Task: TaskStatus;
    ProblemPart on Problem: ProblemStatus;
    ProjectTaskPart on ProjectTask: ProjectTaskStatus;
    ArticlePart on KnowledgeArticle: KnowledgeArticleStatus;
    TemplatePart on RequestTemplate: RequestStatus;
    WorkflowPart on Workflow: WorkflowStatus;
    ContractPart on Contract: AgreementStatus;
    ItemPart on ConfigurationItem: CiStatus;
}

/// `__typename` and the fields of these types, for a document written by hand.
pub(crate) fn parts(types: &[&str]) -> String {
    let fragment =
        |ty: &&str| format!(" ... on {ty} {{ {ty}_id: id {ty}_status: status {ty}_category: updatedAt }}");
    format!("__typename{}", types.iter().map(fragment).collect::<String>())
}

/// Panics unless there is one of each of these types, and another that only the fallback takes.
pub(crate) fn varied(raw: &Value, types: &[&str]) {
    let found = typenames(raw);
    assert!(types.iter().all(|ty| found.contains(ty)) && found.len() > types.len(), "{found:?}");
}

// AgileBoardItem: the nodes of a connection.

selection! {
    #[select(on = AgileBoardItem)]
    pub(crate) enum BoardItem { Request(RequestPart), Task(TaskPart), .. }
}

selection! {
    #[select(on = AgileBoardItem, exhaustive)]
    pub(crate) enum EveryBoardItem {
        Request(RequestPart), Task(TaskPart), Problem(ProblemPart), ProjectTask(ProjectTaskPart),
    }
}

selection! {
    #[select(on = AgileBoardItem)]
    struct OwnOfBoardItem {
        agile_board: Option<Ref<AgileBoard>>,
        agile_board_column_position: Option<i64>,
        #[select(rename = "__typename")] kind: String,
    }
}

selection! {
    #[select(on = AgileBoard)]
    struct Board { #[select(first = 20)] columns: Vec<Column>, }
}

selection! {
    #[select(on = AgileBoardColumn)]
    struct Column {
        #[select(first = 20)] items: Vec<BoardItem>,
        #[select(rename = "items", first = 20)] every: Connection<EveryBoardItem>,
        #[select(rename = "items", last = 20)] own: Vec<OwnOfBoardItem>,
    }
}

#[tokio::test]
async fn agile_board_items() {
    let api = Api::new().await;
    let boards = api.client.agile_boards().select::<Board>().all().await.unwrap();
    let (some, all) = (parts(&["Request", "Task"]), parts(&["Request", "Task", "Problem", "ProjectTask"]));
    let selection = format!(
        "columns(first: 20) {{ nodes {{
            items(first: 20) {{ nodes {{ {some} }} }}
            every: items(first: 20) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {all} }} }}
            own: items(last: 20) {{ nodes {{ agile_board: agileBoard {{ id }}
                agile_board_column_position: agileBoardColumnPosition kind: __typename }} }} }} }}"
    );
    let raw = api.same_nodes(&boards, "agileBoards(first: 100)", &selection).await;
    varied(&raw, &["Task"]);
}

// HasAutomationRules: a field of a record.

selection! {
    #[select(on = HasAutomationRules)]
    pub(crate) enum Ruled { Request(RequestPart), Task(TaskPart), .. }
}

selection! {
    #[select(on = HasAutomationRules)]
    struct OwnOfRuled { #[select(first = 2)] automation_rules: Connection<Rule>, }
}

selection! {
    #[select(on = AutomationRule)]
    struct Rule { id: Id, name: Option<String>, }
}

selection! {
    #[select(on = AutomationRule)]
    struct RuleOwner {
        owner: Option<Ruled>,
        #[select(rename = "owner")] own: Option<OwnOfRuled>,
        #[select(rename = "owner")] default: Option<xurrent::HasAutomationRules>,
    }
}

#[tokio::test]
async fn owners_of_automation_rules() {
    let api = Api::new().await;
    let rules = api.client.automation_rules().select::<RuleOwner>().all().await.unwrap();
    let selection = format!(
        "owner {{ {} }} default: owner {{ __typename ... on Node {{ id }} }} own: owner {{
            automation_rules: automationRules(first: 2) {{
                totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ id name }} }} }}",
        parts(&["Request", "Task"])
    );
    let raw = api.same_nodes(&rules, "automationRules(first: 100)", &selection).await;
    varied(&raw, &["Request", "Task"]);
}

// HasGoldenSetExpectedHits has two types.

selection! {
    #[select(on = HasGoldenSetExpectedHits, exhaustive)]
    pub(crate) enum Hit { KnowledgeArticle(ArticlePart), RequestTemplate(TemplatePart), }
}

selection! {
    #[select(on = HasGoldenSetExpectedHits)]
    pub(crate) enum TemplateHit { RequestTemplate(TemplatePart), .. }
}

selection! {
    #[select(on = HasGoldenSetExpectedHits)]
    struct OwnOfHit { #[select(first = 5)] golden_set_items: Vec<Ref<xurrent::GoldenSetItem>>, }
}

selection! {
    #[select(on = GoldenSetItem)]
    struct Golden {
        #[select(rename = "expectedHit")] hit: Option<Hit>,
        #[select(rename = "expectedHit")] template: Option<TemplateHit>,
        expected_hit: Option<OwnOfHit>,
    }
}

selection! {
    #[select(on = KnowledgeArticle)]
    struct Article { #[select(first = 5)] golden_set_items: Vec<Golden>, }
}

#[tokio::test]
async fn expected_hits() {
    let api = Api::new().await;
    let articles = api.client.knowledge_articles().select::<Article>().all().await.unwrap();
    let selection = format!(
        "golden_set_items: goldenSetItems(first: 5) {{ nodes {{
            hit: expectedHit {{ {} }} template: expectedHit {{ {} }}
            expected_hit: expectedHit {{ golden_set_items: goldenSetItems(first: 5) {{ nodes {{ id }} }} }} }} }}",
        parts(&["KnowledgeArticle", "RequestTemplate"]),
        parts(&["RequestTemplate"])
    );
    let raw = api.same_nodes(&articles, "knowledgeArticles(first: 100)", &selection).await;
    varied(&raw, &[]);
}

// HasLifeCycleState

selection! {
    #[select(on = HasLifeCycleState)]
    pub(crate) enum Archivable { Task(TaskPart), Request(RequestPart), .. }
}

selection! {
    #[select(on = HasLifeCycleState)]
    struct OwnOfArchivable { life_cycle_state: Option<LifeCycleState>, }
}

selection! {
    #[select(on = Archive)]
    struct Archived { archived: Option<Archivable>, #[select(rename = "archived")] own: Option<OwnOfArchivable>, }
}

#[tokio::test]
async fn archived_records() {
    let api = Api::new().await;
    let archive = api.client.archive().view(ArchiveView::All).select::<Archived>().all().await.unwrap();
    let selection = format!(
        "archived {{ {} }} own: archived {{ life_cycle_state: lifeCycleState }}",
        parts(&["Task", "Request"])
    );
    let raw = api.same_nodes(&archive, "archive(view: all, first: 100)", &selection).await;
    varied(&raw, &["Task"]);
}

// HasNotes, three objects below its root field.

selection! {
    #[select(on = HasNotes)]
    pub(crate) enum Noted { Workflow(WorkflowPart), Request(RequestPart), .. }
}

selection! {
    #[select(on = HasNotes)]
    struct OwnOfNoted { #[select(first = 2)] notes: Connection<Ref<xurrent::Note>>, }
}

selection! {
    #[select(on = InboundEmail)]
    struct Email { record: Option<Noted>, #[select(rename = "record")] own: Option<OwnOfNoted>, }
}

selection! {
    #[select(on = Note)]
    struct NoteByEmail { inbound_email: Option<Email>, }
}

selection! {
    #[select(on = Request)]
    struct RequestByEmail { #[select(first = 5)] notes: Vec<NoteByEmail>, }
}

#[tokio::test]
async fn records_of_emails() {
    let api = Api::new().await;
    let requests = api.client.requests().select::<RequestByEmail>().limit(20).all().await.unwrap();
    let selection = format!(
        "notes(first: 5) {{ nodes {{ inbound_email: inboundEmail {{ record {{ {} }} own: record {{
            notes(first: 2) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ id }} }} }} }} }} }}",
        parts(&["Workflow", "Request"])
    );
    let data = api.data(&format!("{{ requests(first: 20) {{ nodes {{ {selection} }} }} }}")).await;
    requests.same(&data["requests"], "requests");
    varied(&data, &["Workflow"]);
}
