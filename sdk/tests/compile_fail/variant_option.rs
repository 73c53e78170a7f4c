use xurrent::{Problem, Request, Select};

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    Problem(Option<Problem>),
    Request(Boxed),
    #[select(other)]
    Other,
}

type Boxed = Vec<Request>;

fn main() {}
