use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Mine {
    #[select(all)]
    job_title: Option<String>,
}

#[derive(Select)]
#[select(on = Team)]
struct Named {
    name: Option<String>,
}

fn main() {}
