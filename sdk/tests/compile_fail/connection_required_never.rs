use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query)]
struct People {
    #[select(first = 10, required)]
    people: Vec<Person>,
}

fn main() {}
