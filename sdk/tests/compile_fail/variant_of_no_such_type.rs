use xurrent::{Person, Request, Select};

#[derive(Select)]
#[select(on = HasNotes)]
enum Item {
    Reqest(Request),
    Person(Person),
    #[select(other)]
    Other,
}

fn main() {}
