use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(required)]
    name: Option<String>,
}

fn main() {}
