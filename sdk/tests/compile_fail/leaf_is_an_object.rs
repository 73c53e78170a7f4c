use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    manager: Option<String>,
    organization: Option<Id>,
}

fn main() {}
