use xurrent::Select;

#[derive(Select)]
#[select(variables = Count)]
struct Colleague {
    name: Option<String>,
}

fn main() {}
