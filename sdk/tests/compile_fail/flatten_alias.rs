use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(flatten)]
    name: Names,
}

#[derive(Select)]
#[select(on = Person)]
struct Name {
    name: Option<String>,
}

type Names = Vec<Name>;

fn main() {}
