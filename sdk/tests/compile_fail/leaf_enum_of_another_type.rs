use xurrent::{Select, TaskStatus};

#[derive(Select)]
#[select(on = Request)]
struct Ticket {
    status: Option<TaskStatus>,
}

fn main() {}
