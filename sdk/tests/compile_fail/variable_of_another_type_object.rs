use xurrent::{Person, RequestUpdateInput, Select};

#[derive(Select)]
#[select(on = Query, variables = Count)]
struct People {
    #[select(first = 10, filter = $count)]
    people: Vec<Person>,
}

struct Count {
    count: RequestUpdateInput,
}

fn main() {}
