use xurrent::{Problem, Select};

#[derive(Select)]
#[select(on = HasNotes, exhaustive)]
enum Item {
    Problem(Problem),
}

fn main() {}
