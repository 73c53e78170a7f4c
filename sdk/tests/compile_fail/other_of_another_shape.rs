use xurrent::{Problem, Request, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    Problem(Problem),
    #[select(other)]
    Other(Request),
}

fn main() {}
