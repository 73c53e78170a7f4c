use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = CustomField)]
struct Extra {
    id: Id,
    label: Option<String>,
}

fn main() {}
