use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(rename = name)]
    full_name: Option<String>,
    #[select(rename("jobTitle"))]
    job: Option<String>,
    #[select(rename)]
    more: Option<String>,
}

fn main() {}
