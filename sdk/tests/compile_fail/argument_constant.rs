use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(first = PAGE)]
    teams: Vec<TeamName>,
}

#[derive(Select)]
#[select(on = Team)]
struct TeamName {
    name: Option<String>,
}

const PAGE: i64 = 10;

fn main() {}
