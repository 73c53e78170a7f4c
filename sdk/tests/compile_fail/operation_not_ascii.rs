use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query)]
struct Übersicht {
    me: Option<Person>,
}

fn main() {}
