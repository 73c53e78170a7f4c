use xurrent::Client;

struct Colleague {
    name: Option<String>,
}

fn call(client: &Client) {
    client.people().select::<Colleague>();
}

fn main() {}
