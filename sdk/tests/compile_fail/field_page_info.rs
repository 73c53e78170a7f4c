use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(first = 10)]
    teams: Vec<TeamName>,
    page_info: xurrent::PageInfo,
}

#[derive(Select)]
#[select(on = Team)]
struct TeamName {
    name: Option<String>,
}

fn main() {}
