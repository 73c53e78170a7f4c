use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    id: Id,
    xylophone: Option<String>,
}

fn main() {}
