use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Mine {
    #[select(first = 3, after = "x", all)]
    teams: Vec<Named>,
}

#[derive(Select)]
#[select(on = Team)]
struct Named {
    name: Option<String>,
}

fn main() {}
