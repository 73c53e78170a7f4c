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
    name: Option<String>,
    primary_email: Option<String>,
}

fn main() {}
