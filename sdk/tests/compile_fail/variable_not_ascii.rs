use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query, variables = Count)]
struct People {
    #[select(first = $größe)]
    people: Vec<Person>,
}

struct Count {
    größe: i64,
}

fn main() {}
