use xurrent::Select;

#[derive(Select)]
struct Colleague {
    #[select(on = Person)]
    name: Option<String>,
}

fn main() {}
