use xurrent::{Client, Select};

#[derive(Select)]
#[select(on = Person, rename = "Colleague")]
struct Colleague {
    name: Option<String>,
}

fn call(client: &Client) {
    client.people().select::<Colleague>();
}

fn main() {}
