use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(first = 10)]
    teams: Option<TeamName>,
}

#[derive(Select)]
#[select(on = Team)]
struct TeamName {
    name: Option<String>,
}

fn main() {}
