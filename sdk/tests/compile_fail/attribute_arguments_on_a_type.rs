use xurrent::Select;

#[derive(Select)]
#[select(on = Person, arguments(first = 1))]
struct Colleague {
    name: Option<String>,
}

fn main() {}
