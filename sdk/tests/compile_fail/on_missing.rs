use xurrent::Select;

#[derive(Select)]
struct Colleague {
    name: Option<String>,
}

fn main() {}
