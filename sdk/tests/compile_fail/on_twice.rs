use xurrent::Select;

#[derive(Select)]
#[select(on = Person, on = Team)]
struct Colleague {
    name: Option<String>,
}

fn main() {}
