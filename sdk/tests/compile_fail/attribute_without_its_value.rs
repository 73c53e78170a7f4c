use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query, variables)]
struct Myself {
    me: Option<Person>,
}

fn main() {}
