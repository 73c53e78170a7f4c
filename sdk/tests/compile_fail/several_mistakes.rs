use xurrent::{Select, Team};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    id: String,
    naem: Option<String>,
    #[select(first = 0)]
    teams: Vec<Team>,
}

fn main() {}
