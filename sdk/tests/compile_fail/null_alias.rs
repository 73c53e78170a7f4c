use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    name: Name,
}

type Name = String;

fn main() {}
