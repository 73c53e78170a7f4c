use xurrent::{Person, Select, Team};

#[derive(Select)]
#[select(on = Query, variables = It)]
struct People {
    #[select(first = 10, after = $it)]
    people: Vec<Person>,
    #[select(first = $it)]
    teams: Vec<Team>,
}

struct It {
    it: i64,
}

fn main() {}
