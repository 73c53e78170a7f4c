use xurrent::{Leaf, Select};

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(rename = "createdAt")]
    email: Option<Email>,
}

struct Email(String);

impl Leaf for Email {
    type Wire = String;

    fn from_wire(text: String) -> Result<Self, String> {
        Ok(Self(text))
    }
}

fn main() {}
