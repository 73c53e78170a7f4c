use xurrent::{Client, Person, Ref, Select};

#[derive(Select)]
#[select(on = Team)]
struct TeamName {
    name: Option<String>,
}

fn call(client: &Client, person: &Ref<Person>) {
    client.get(person).select::<TeamName>();
}

fn main() {}
