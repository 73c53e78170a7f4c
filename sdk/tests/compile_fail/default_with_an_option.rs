use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(default)]
    name: Option<String>,
}

fn main() {}
