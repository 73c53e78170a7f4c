use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Query)]
struct Myself {
    #[select(variables = Count)]
    me: Option<Person>,
}

fn main() {}
