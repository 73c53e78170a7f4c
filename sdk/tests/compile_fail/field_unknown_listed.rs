use xurrent::Select;

#[derive(Select)]
#[select(on = CustomField)]
struct Extra {
    id: Option<String>,
    label: Option<String>,
}

fn main() {}
