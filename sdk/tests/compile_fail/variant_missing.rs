use xurrent::{Problem, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem, exhaustive)]
enum Item {
    Problem(Problem),
}

fn main() {}
