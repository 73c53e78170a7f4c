use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(flatten, first = 10)]
    more: Colleague2,
}

#[derive(Select)]
#[select(on = Person)]
struct Colleague2 {
    name: Option<String>,
}

fn main() {}
