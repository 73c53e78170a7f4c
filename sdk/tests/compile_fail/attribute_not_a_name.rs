use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select("name")]
    full_name: Option<String>,
}

fn main() {}
