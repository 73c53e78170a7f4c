use xurrent::{Problem, Select};

#[derive(Select)]
#[select(on = Node)]
struct Both {
    #[select(flatten)]
    item: Item,
    #[select(flatten)]
    other: Other,
}

#[derive(Select)]
#[select(on = Node)]
enum Item {
    Problem(Problem),
    #[select(other)]
    Other,
}

#[derive(Select)]
#[select(on = Node)]
enum Other {
    Problem(Problem),
    #[select(other)]
    Other,
}

fn main() {}
