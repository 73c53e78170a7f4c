use xurrent::Select;

#[derive(Select)]
#[select(on = Person, crate = sdk)]
struct Colleague {
    name: Option<String>,
}

fn main() {}
