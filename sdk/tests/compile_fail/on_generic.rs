use xurrent::Select;

#[derive(Select)]
#[select(on = Person<T>)]
struct Colleague {
    name: Option<String>,
}

fn main() {}
