use xurrent::{Problem, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    Problem(Problem),
    #[select(rename = "Problem")]
    Trouble(Problem),
    #[select(other)]
    Other,
}

fn main() {}
