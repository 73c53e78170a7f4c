use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(required)]
    id: Id,
}

fn main() {}
