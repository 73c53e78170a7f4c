use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    custom_fields: Option<xurrent::CustomField>,
}

fn main() {}
