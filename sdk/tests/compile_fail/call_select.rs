use xurrent::{Client, Select};

#[derive(Select)]
#[select(on = Team)]
struct TeamName {
    name: Option<String>,
}

fn call(client: &Client) {
    client.people().select::<TeamName>();
}

fn main() {}
