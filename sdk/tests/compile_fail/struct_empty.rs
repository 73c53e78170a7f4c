use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {}

fn main() {}
