use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(flatten)]
    name: Option<Name>,
}

#[derive(Select)]
#[select(on = Person)]
struct Name {
    name: Option<String>,
}

fn main() {}
