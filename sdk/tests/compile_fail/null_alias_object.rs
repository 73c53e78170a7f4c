use xurrent::{Organization, Person, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    organization: Company,
    manager: Boss,
}

type Company = Organization;
type Boss = Vec<Person>;

fn main() {}
