use xurrent::Select;

#[derive(Select)]
#[select(on = Person, variables = Count)]
struct Colleague {
    name: Option<String>,
}

struct Count {
    count: i64,
}

fn main() {}
