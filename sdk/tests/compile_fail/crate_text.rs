use xurrent::Select;

#[derive(Select)]
#[select(on = Person, crate = "xurrent")]
struct Colleague {
    name: Option<String>,
}

fn main() {}
