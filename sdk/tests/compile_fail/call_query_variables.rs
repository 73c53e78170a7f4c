use xurrent::{Client, Person, Select};

#[derive(Select)]
#[select(on = Query, variables = Count)]
struct People {
    #[select(first = $count)]
    people: Vec<Person>,
}

struct Count {
    count: i64,
}

fn call(client: &Client) {
    client.query::<People>(10);
}

fn main() {}
