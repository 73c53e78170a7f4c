use xurrent::{Client, Select};

#[derive(Select)]
#[select(on = Persn)]
struct Boss {
    name: Option<String>,
}

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    manager: Option<Boss>,
}

fn call(client: &Client) {
    client.people().select::<Boss>();
}

fn main() {}
