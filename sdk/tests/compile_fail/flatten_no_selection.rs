use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(flatten)]
    name: String,
}

fn main() {}
