use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(flatten, rename = "name")]
    name: Name,
    #[select(flatten, required)]
    other: Name,
}

#[derive(Select)]
#[select(on = Person)]
struct Name {
    name: Option<String>,
}

fn main() {}
