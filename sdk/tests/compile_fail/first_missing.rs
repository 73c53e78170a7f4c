use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    teams: Vec<TeamName>,
}

#[derive(Select)]
#[select(on = Team)]
struct TeamName {
    name: Option<String>,
}

fn main() {}
