use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague(Option<String>);

fn main() {}
