use xurrent::Select;

#[derive(Select)]
#[select(on = ProductBacklogItem, exhaustive)]
struct Colleague {
    product_backlog_position: Option<i64>,
}

fn main() {}
