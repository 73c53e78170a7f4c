use xurrent::Select;

#[derive(Select)]
#[select(on = Person, all)]
struct Mine {
    name: Option<String>,
}

fn main() {}
