use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(required, required)]
    name: String,
    #[select(default)]
    #[select(default)]
    job_title: String,
}

fn main() {}
