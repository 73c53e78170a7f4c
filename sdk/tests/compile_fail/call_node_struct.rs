use xurrent::{Client, Id};

struct Colleague {
    name: Option<String>,
}

fn call(client: &Client, id: Id) {
    client.node::<Colleague>(id);
}

fn main() {}
