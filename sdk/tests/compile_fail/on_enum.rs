use xurrent::Select;

#[derive(Select)]
#[select(on = RequestStatus)]
struct Colleague {
    name: Option<String>,
}

fn main() {}
