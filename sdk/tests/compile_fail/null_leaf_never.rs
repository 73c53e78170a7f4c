use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    id: Option<Id>,
}

fn main() {}
