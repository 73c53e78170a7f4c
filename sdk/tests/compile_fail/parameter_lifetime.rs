use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague<'a> {
    name: Option<&'a str>,
}

fn main() {}
