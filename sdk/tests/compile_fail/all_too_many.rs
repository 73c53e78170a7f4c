use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Mine {
    #[select(all, first = 101)]
    teams: Vec<Named>,
}

#[derive(Select)]
#[select(on = Team)]
struct Named {
    name: Option<String>,
}

fn main() {}
