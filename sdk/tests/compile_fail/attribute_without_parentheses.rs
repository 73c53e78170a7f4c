use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select]
    name: Option<String>,
    #[select = "jobTitle"]
    job: Option<String>,
}

fn main() {}
