use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    do_not_translate_languages: Option<String>,
}

fn main() {}
