use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(first = 10)]
    teams: Vec<NoteLine>,
}

#[derive(Select)]
#[select(on = Note)]
struct NoteLine {
    text: Option<String>,
}

fn main() {}
