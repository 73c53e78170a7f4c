use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query, variables = Count)]
struct People {
    #[select(first = $count)]
    people: Vec<Person>,
}

fn main() {}
