use xurrent::{Client, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    name: Option<String>,
}

fn call(client: &Client) {
    client.query::<Colleague>(());
}

fn main() {}
