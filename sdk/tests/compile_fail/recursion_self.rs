use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    name: Option<String>,
    manager: Option<Box<Self>>,
}

fn main() {}
