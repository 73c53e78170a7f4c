use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    manager: Option<Boss>,
}

struct Boss {
    name: Option<String>,
}

fn main() {}
