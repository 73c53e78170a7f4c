use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    name: Option<String>,
    #[select(flatten)]
    contact: Contact,
}

#[derive(Select)]
#[select(on = Person)]
struct Contact {
    primary_email: Option<String>,
    #[select(flatten)]
    full: Full,
}

#[derive(Select)]
#[select(on = Person)]
struct Full {
    name: Option<String>,
}

fn main() {}
