use xurrent::Select;

#[derive(Select)]
#[select(on = Xylophone)]
struct Colleague {
    name: Option<String>,
}

fn main() {}
