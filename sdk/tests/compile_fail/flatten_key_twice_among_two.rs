use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(flatten)]
    contact: Contact,
    #[select(flatten)]
    job: Job,
}

#[derive(Select)]
#[select(on = Person)]
struct Contact {
    name: Option<String>,
}

#[derive(Select)]
#[select(on = Person)]
struct Job {
    name: Option<String>,
    job_title: Option<String>,
}

fn main() {}
