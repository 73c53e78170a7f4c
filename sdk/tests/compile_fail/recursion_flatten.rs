use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(flatten)]
    myself: Colleague,
}

fn main() {}
