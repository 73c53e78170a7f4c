use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(first = 10)]
    teams: Vec<Id>,
}

fn main() {}
