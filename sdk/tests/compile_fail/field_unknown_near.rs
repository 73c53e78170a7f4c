use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    id: Id,
    naem: Option<String>,
}

fn main() {}
