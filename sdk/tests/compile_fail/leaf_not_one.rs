use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    name: Option<Email>,
}

struct Email(String);

fn main() {}
