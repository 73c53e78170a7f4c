use xurrent::Select;

#[derive(Select)]
#[select(on = Persn)]
struct Colleague {
    name: Option<String>,
}

fn main() {}
