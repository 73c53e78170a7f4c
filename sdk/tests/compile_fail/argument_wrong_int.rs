use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(first = "10")]
    teams: Vec<TeamName>,
    #[select(rename = "teams", first = 1.5)]
    more: Vec<TeamName>,
    #[select(rename = "teams", first = true)]
    still_more: Vec<TeamName>,
}

#[derive(Select)]
#[select(on = Team)]
struct TeamName {
    name: Option<String>,
}

fn main() {}
