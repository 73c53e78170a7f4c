use xurrent::{Connection, Organization, Person, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    manager: Connection<Person>,
    organization: Option<Vec<Organization>>,
}

fn main() {}
