use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    id: Key,
}

type Key = Option<Id>;

fn main() {}
