use xurrent::{Request, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    Problem(Request),
    Request(String),
    #[select(other)]
    Other,
}

fn main() {}
