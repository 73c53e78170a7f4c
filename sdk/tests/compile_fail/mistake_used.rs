use xurrent::{Client, Id, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    naem: Option<String>,
}

#[derive(Select)]
#[select(on = Team)]
struct Members {
    manager: Option<Colleague>,
}

fn call(client: &Client, id: Id) {
    client.people().select::<Colleague>();
    client.node::<Colleague>(id);
}

fn main() {}
