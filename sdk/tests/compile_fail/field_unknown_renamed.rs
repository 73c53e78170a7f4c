use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(rename = "fullName")]
    name: Option<String>,
    #[select(rename = "job_title")]
    job: Option<String>,
}

fn main() {}
