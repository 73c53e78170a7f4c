use xurrent::Select;

#[derive(Select)]
#[select(on = )]
struct Colleague {
    name: Option<String>,
}

fn main() {}
