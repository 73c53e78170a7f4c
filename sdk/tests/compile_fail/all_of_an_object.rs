use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Mine {
    #[select(all, rename = "organization")]
    at: Option<Named>,
}

#[derive(Select)]
#[select(on = Organization)]
struct Named {
    name: Option<String>,
}

fn main() {}
