use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    id: xurrent::Id,
    name: Option<String>,
}

type String = std::borrow::Cow<'static, str>;

fn main() {}
