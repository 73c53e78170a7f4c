use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query)]
struct People {
    #[select(first = 10, view = al)]
    people: Vec<Person>,
    #[select(rename = "people", first = 10, view = everything)]
    others: Vec<Person>,
}

fn main() {}
