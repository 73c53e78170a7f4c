use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query)]
struct People {
    #[select(first = 10, filter = { disabled = false })]
    people: Vec<Person>,
}

fn main() {}
