use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(default)]
    id: Id,
}

fn main() {}
