use xurrent::{Client, Id, Json, Select};

#[derive(Select)]
#[select(on = CustomField)]
struct Extra {
    value: Option<Json>,
}

fn call(client: &Client, id: Id) {
    client.node::<Extra>(id);
}

fn main() {}
