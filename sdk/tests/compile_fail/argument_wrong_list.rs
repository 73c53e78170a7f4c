use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query)]
struct People {
    #[select(first = 10, order = name)]
    people: Vec<Person>,
}

fn main() {}
