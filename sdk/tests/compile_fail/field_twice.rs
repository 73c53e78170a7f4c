use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    name: Option<String>,
    name: Option<String>,
}

fn main() {}
