use xurrent::{Problem, Request, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem, exhaustive)]
enum Item {
    Problem(Problem),
    Reqest(Request),
}

fn main() {}
