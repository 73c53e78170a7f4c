//! A selection on a root type as that of a record.
use xurrent::{Client, Person, Select};

#[derive(Select)]
#[select(on = Query)]
struct Everything {
    me: Option<Person>,
}

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    manager: Option<Everything>,
}

fn call(client: &Client) {
    client.people().select::<Everything>();
    client.people().select::<Colleague>();
}

fn main() {}
