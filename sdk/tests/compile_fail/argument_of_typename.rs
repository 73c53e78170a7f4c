use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(rename = "__typename", first = 2)]
    kind: String,
}

fn main() {}
