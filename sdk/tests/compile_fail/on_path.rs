use xurrent::Select;

#[derive(Select)]
#[select(on = xurrent::Person)]
struct Colleague {
    name: Option<String>,
}

fn main() {}
