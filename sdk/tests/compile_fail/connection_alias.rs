use xurrent::{Select, Team};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(first = 10)]
    teams: Teams,
}

type Teams = Option<Team>;

fn main() {}
