use xurrent::{Id, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(rename = "name")]
    __name: Option<String>,
    #[select(rename = "id")]
    sdk_id: Id,
}

fn main() {}
