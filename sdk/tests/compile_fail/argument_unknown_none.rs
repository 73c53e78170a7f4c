use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(format = "short")]
    name: Option<String>,
}

fn main() {}
