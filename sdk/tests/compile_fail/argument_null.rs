use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Query)]
struct Anyone {
    #[select(id = null)]
    node: Option<Item>,
}

#[derive(Select)]
#[select(on = Node)]
struct Item {
    id: Id,
}

fn main() {}
