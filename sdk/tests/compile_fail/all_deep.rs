use xurrent::Select;

#[derive(Select)]
#[select(on = Organization)]
struct Top {
    #[select(all)]
    child_organizations: Vec<Middle>,
}

#[derive(Select)]
#[select(on = Organization)]
struct Middle {
    #[select(all)]
    child_organizations: Vec<Low>,
}

#[derive(Select)]
#[select(on = Organization)]
struct Low {
    #[select(all)]
    people: Vec<Named>,
}

#[derive(Select)]
#[select(on = Person)]
struct Named {
    name: Option<String>,
}

fn main() {}
