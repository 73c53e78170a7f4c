use xurrent::{Problem, Select};

#[derive(Select)]
#[select(on = HasNotes)]
enum Item {
    Problem(Problem),
}

fn main() {}
