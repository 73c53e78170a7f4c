use xurrent::Select;

#[derive(Select)]
#[select(on = Problem)]
struct Item2 {
    #[select(first = 10)]
    requests: Vec<Ticket>,
}

#[derive(Select)]
#[select(on = Request)]
struct Ticket {
    #[select(first = 10)]
    grouped_requests: Vec<Ticket>,
}

fn main() {}
