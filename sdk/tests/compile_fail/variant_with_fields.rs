use xurrent::{Id, Request, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    Problem { id: Id },
    Request(Request, Id),
    #[select(other)]
    Other,
}

fn main() {}
