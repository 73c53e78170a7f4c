use xurrent::{
    Client, Connection, Id, PersonFilter, RequestCategory, RequestFilter, RequestStatus, RequestUpdateInput,
    RequestView, Select,
};

pub async fn open_requests(client: &Client, filter: RequestFilter) -> xurrent::Result<Vec<Request>> {
    client
        .requests()
        .limit(20)
        .view(RequestView::All)
        .filter(filter)
        .select::<Request>()
        .all()
        .await
}

#[derive(Debug, Select)]
#[select(on = Request)]
pub struct Request {
    pub id: Id,
    #[select(rename = "subject")]
    pub title: Option<String>,
    pub status: Option<RequestStatus>,
    pub requested_for: Option<RequestPerson>,
    #[select(first = 5)]
    pub notes: Vec<Note>,
    #[select(all)]
    pub watches: Vec<Watch>,
}

#[derive(Debug, Select)]
#[select(on = Person)]
pub struct RequestPerson {
    pub name: Option<String>,
    pub manager: Option<Person>,
}

#[derive(Debug, Select)]
#[select(on = Person)]
pub struct Person {
    pub name: Option<String>,
    pub primary_email: Option<String>,
}

#[derive(Debug, Select)]
#[select(on = Note)]
pub struct Note {
    pub text: Option<String>,
}

#[derive(Debug, Select)]
#[select(on = Watch)]
pub struct Watch {
    pub person: Option<WatchPerson>,
}

#[derive(Debug, Select)]
#[select(on = Person)]
pub struct WatchPerson {
    pub name: Option<String>,
}

pub async fn dashboard(client: &Client, variables: DashboardVariables) -> xurrent::Result<Dashboard> {
    client.query::<Dashboard>(variables).await
}

#[derive(Debug, Select)]
#[select(on = Query, variables = DashboardVariables)]
pub struct Dashboard {
    pub me: Option<DashboardPerson>,
    #[select(first = $count, filter = $filter, view = all)]
    pub people: Connection<DashboardPerson>,
    #[select(id = $id)]
    pub node: Option<Node>,
}

pub struct DashboardVariables {
    pub count: i64,
    pub filter: PersonFilter,
    pub id: Id,
}

#[derive(Debug, Select)]
#[select(on = Person)]
pub struct DashboardPerson {
    pub id: Id,
    pub name: Option<String>,
}

#[derive(Debug, Select)]
#[select(on = Node)]
pub struct Node {
    #[select(rename = "__typename")]
    pub typename: String,
    pub id: Id,
    #[select(flatten)]
    pub of_type: NodeType,
}

#[derive(Debug, Select)]
#[select(on = Node)]
pub enum NodeType {
    Person(NodePerson),
    Request(NodeRequest),
    #[select(other)]
    Other(String),
}

#[derive(Debug, Select)]
#[select(on = Person)]
pub struct NodePerson {
    pub id: Id,
    pub name: Option<String>,
}

#[derive(Debug, Select)]
#[select(on = Request)]
pub struct NodeRequest {
    pub subject: Option<String>,
    #[select(rename = "category")]
    pub r#type: Option<RequestCategory>,
    pub team: Option<Team>,
}

#[derive(Debug, Select)]
#[select(on = Team)]
pub struct Team {
    pub name: Option<String>,
}

pub async fn change_subject(client: &Client, input: RequestUpdateInput) -> xurrent::Result<RequestUpdatePayload> {
    client.request_update(input).select::<RequestUpdatePayload>().await
}

#[derive(Debug, Select)]
#[select(on = RequestUpdatePayload)]
pub struct RequestUpdatePayload {
    pub request: Option<RequestUpdatePayloadRequest>,
}

#[derive(Debug, Select)]
#[select(on = Request)]
pub struct RequestUpdatePayloadRequest {
    pub id: Id,
    pub subject: Option<String>,
}
