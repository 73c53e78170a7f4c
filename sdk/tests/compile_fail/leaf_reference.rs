use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    name: &'static str,
    job_title: Option<Box<str>>,
    source: Option<i32>,
}

fn main() {}
