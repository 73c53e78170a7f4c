use xurrent::Select;

#[derive(Select)]
#[select(on = Query)]
struct Kind {
    #[select(rename = "__typename")]
    kind: String,
}

fn main() {}
