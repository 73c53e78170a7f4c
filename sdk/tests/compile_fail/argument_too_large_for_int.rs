use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(first = 99999999999)]
    teams: Vec<TeamName>,
}

#[derive(Select)]
#[select(on = Team)]
struct TeamName {
    name: Option<String>,
}

fn main() {}
