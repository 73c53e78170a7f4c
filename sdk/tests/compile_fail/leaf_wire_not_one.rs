use xurrent::Leaf;

struct Email(String);

impl Leaf for Email {
    type Wire = &'static str;

    fn from_wire(text: &'static str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
}

fn main() {}
