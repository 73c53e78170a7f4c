use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
union Colleague {
    id: u64,
    disabled: bool,
}

fn main() {}
