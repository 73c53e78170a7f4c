use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query, variables = Count)]
struct People {
    #[select(first = $number)]
    people: Vec<Person>,
}

struct Count {
    count: i64,
}

fn main() {}
