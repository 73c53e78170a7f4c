use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    manager: Person,
}

fn main() {}
