use xurrent::{Person, PersonOrder, Select};

#[derive(Select)]
#[select(on = Query, variables = By)]
struct People {
    #[select(first = 10, order = [$order])]
    people: Vec<Person>,
}

struct By {
    order: PersonOrder,
}

fn main() {}
