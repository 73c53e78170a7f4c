use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    name: &str,
}

fn main() {}
