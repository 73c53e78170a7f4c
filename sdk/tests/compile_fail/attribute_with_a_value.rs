use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(required = true)]
    name: String,
    #[select(flatten = false)]
    more: Names,
}

#[derive(Select)]
#[select(on = Person)]
struct Names {
    name: Option<String>,
}

fn main() {}
