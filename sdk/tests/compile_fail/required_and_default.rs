use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(required, default)]
    name: String,
}

fn main() {}
