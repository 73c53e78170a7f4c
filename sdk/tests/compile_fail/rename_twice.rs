use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(rename = "name", rename = "jobTitle")]
    job: Option<String>,
}

fn main() {}
