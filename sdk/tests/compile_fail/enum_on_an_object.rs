use xurrent::{Person, Select};

#[derive(Select)]
#[select(on = Person)]
enum Item {
    Person(Person),
    #[select(other)]
    Other,
}

fn main() {}
