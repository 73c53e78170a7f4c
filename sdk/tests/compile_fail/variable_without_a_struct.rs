use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query)]
struct People {
    #[select(first = $count)]
    people: Vec<Person>,
}

fn main() {}
