use xurrent::{Id, Person, Ref, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    id: Id,
    #[select(flatten)]
    reference: Ref<Person>,
}

fn main() {}
