use xurrent::Select;

#[derive(Select)]
#[select(on = Team)]
struct Mine {
    #[select(flatten, all)]
    more: Named,
}

#[derive(Select)]
#[select(on = Team)]
struct Named {
    name: Option<String>,
}

fn main() {}
