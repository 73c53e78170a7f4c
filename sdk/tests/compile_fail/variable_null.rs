use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Query, variables = Key)]
struct Anyone {
    #[select(id = $id)]
    node: Option<Item>,
}

#[derive(Select)]
#[select(on = Node)]
struct Item {
    id: Id,
}

struct Key {
    id: Option<Id>,
}

fn main() {}
