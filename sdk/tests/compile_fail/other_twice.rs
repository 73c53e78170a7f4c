use xurrent::{Problem, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    Problem(Problem),
    #[select(other)]
    Other,
    #[select(other)]
    Rest(String),
}

fn main() {}
