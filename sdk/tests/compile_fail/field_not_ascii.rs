use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(rename = "name")]
    prénom: Option<String>,
}

fn main() {}
