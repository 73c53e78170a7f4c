use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    name: String,
}

fn main() {}
