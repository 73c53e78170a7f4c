use xurrent::{Problem, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    #[select(first = 10)]
    Problem(Problem),
    #[select(other)]
    Other,
}

fn main() {}
