use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Query)]
struct Dashboard {
    #[select(flatten)]
    part: Part,
}

#[derive(Select)]
#[select(on = Query, variables = Variables)]
struct Part {
    #[select(id = $id)]
    node: Option<OnlyId>,
}

#[derive(Select)]
#[select(on = Node)]
struct OnlyId {
    id: Id,
}

struct Variables {
    id: Id,
}

fn main() {}
