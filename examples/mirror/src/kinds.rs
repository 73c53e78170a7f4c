//! What is mirrored: the records, and the fields of each.

use serde::Serialize;
use xurrent::changes::{ChangedSince, Changes};
use xurrent::connection::ConnectionField;
use xurrent::{jiff::Timestamp, select::Fetch, *};

/// A selection whose records are mirrored.
pub(crate) trait Kind: Fetch + Serialize {
    /// The name of the record in the events of webhooks.
    const NAME: &'static str;
    /// The views that have all records together. `All` need not have archived and trashed ones.
    const VIEWS: &'static [&'static str];
    type Connection: ConnectionField;

    /// The records of a view that changed.
    fn changes(client: &Client, view: usize, since: Option<Timestamp>) -> Changes<Self::Connection, Self>;
}

macro_rules! kinds {
    ($($name:literal $kind:ident: $connection:ident $query:ident $view:ident [$($shown:ident)*];)*) => {
        $(impl Kind for $kind {
            const NAME: &'static str = $name;
            const VIEWS: &'static [&'static str] = &[$(concat!($name, " ", stringify!($shown))),*];
            type Connection = $connection;

            fn changes(client: &Client, view: usize, since: Option<Timestamp>) -> Changes<$connection, Self> {
                let views = [$($view::$shown),*];
                client.$query().view(views[view].clone()).select::<Self>().changed_since(since)
            }
        })*
    };
}

kinds! {
    "person" MirroredPerson: PeopleQuery people PersonView [All Archive Trash];
    "team" MirroredTeam: TeamsQuery teams TeamView [All];
    "organization" MirroredOrganization: OrganizationsQuery organizations OrganizationView [All];
    "request" MirroredRequest: RequestsQuery requests RequestView [All Archive Trash];
}

#[derive(Select, Serialize)]
#[select(on = Person)]
pub(crate) struct MirroredPerson {
    name: Option<String>,
    primary_email: Option<String>,
    disabled: Option<bool>,
    organization: Option<Ref<Organization>>,
    life_cycle_state: Option<LifeCycleState>,
}

#[derive(Select, Serialize)]
#[select(on = Team)]
pub(crate) struct MirroredTeam {
    name: Option<String>,
    coordinator: Option<Ref<Person>>,
}

#[derive(Select, Serialize)]
#[select(on = Organization)]
pub(crate) struct MirroredOrganization {
    name: Option<String>,
    disabled: Option<bool>,
    parent: Option<Ref<Organization>>,
}

#[derive(Select, Serialize)]
#[select(on = Request)]
pub(crate) struct MirroredRequest {
    subject: Option<String>,
    status: Option<RequestStatus>,
    team: Option<Ref<Team>>,
    requested_for: Option<Ref<Person>>,
    life_cycle_state: Option<LifeCycleState>,
}
