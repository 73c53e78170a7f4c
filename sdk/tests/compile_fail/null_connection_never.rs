use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query)]
struct People {
    #[select(first = 10)]
    people: Option<Vec<Person>>,
}

fn main() {}
