use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query, variables = Count)]
pub struct People {
    #[select(first = $count)]
    people: Vec<Person>,
}

struct Count {
    count: i64,
}

fn main() {}
