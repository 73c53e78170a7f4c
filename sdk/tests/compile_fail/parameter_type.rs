use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague<T> {
    name: Option<T>,
}

fn main() {}
