use xurrent::{Client, Person, Select};

#[derive(Select)]
#[select(on = Query)]
struct Myself {
    me: Option<Person>,
}

fn call(client: &Client) {
    client.mutation::<Myself>(());
}

fn main() {}
