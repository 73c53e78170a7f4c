use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(optional)]
    name: Option<String>,
    #[select(skip = true)]
    job_title: Option<String>,
}

fn main() {}
