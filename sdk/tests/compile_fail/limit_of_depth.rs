use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Level1 {
    manager: Option<Level2>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level2 {
    manager: Option<Level3>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level3 {
    manager: Option<Level4>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level4 {
    manager: Option<Level5>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level5 {
    manager: Option<Level6>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level6 {
    manager: Option<Level7>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level7 {
    manager: Option<Level8>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level8 {
    manager: Option<Level9>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level9 {
    manager: Option<Level10>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level10 {
    manager: Option<Level11>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level11 {
    manager: Option<Level12>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level12 {
    manager: Option<Level13>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level13 {
    manager: Option<Level14>,
}

#[derive(Select)]
#[select(on = Person)]
struct Level14 {
    name: Option<String>,
}

fn main() {}
