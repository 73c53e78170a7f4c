use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(first = 10, after = 5)]
    teams: Vec<TeamName>,
    #[select(rename = "teams", first = 10, after = end)]
    more: Vec<TeamName>,
}

#[derive(Select)]
#[select(on = Team)]
struct TeamName {
    name: Option<String>,
}

fn main() {}
