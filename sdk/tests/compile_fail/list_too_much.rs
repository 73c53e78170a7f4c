use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    name: Option<Vec<String>>,
    custom_fields: Vec<Vec<xurrent::CustomField>>,
}

fn main() {}
