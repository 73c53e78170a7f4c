use xurrent::{Problem, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    Problem(Problem),
    #[select(other, rename = "Request")]
    Other,
}

fn main() {}
