use xurrent::Select;

#[derive(Select)]
#[select(on = PersonFilter)]
struct Colleague {
    name: Option<String>,
}

fn main() {}
