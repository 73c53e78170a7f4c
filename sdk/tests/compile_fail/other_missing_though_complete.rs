use xurrent::{Problem, Request, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    Problem(Problem),
    Request(Request),
}

fn main() {}
