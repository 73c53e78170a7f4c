use xurrent::{Problem, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    #[select(rename_to = "Problem")]
    Problem(Problem),
    #[select(fallback)]
    Other,
}

fn main() {}
