use xurrent::Select;

#[derive(Select)]
#[select(on = PersonConnection)]
struct Colleague {
    name: Option<String>,
}

fn main() {}
