use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    id: String,
    name: Option<i64>,
    disabled: Option<Option<i64>>,
}

fn main() {}
