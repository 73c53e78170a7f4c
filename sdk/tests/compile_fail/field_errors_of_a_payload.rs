use xurrent::{Note, Select};

#[derive(Select)]
#[select(on = NoteCreatePayload)]
struct Created {
    note: Option<Note>,
    errors: Vec<String>,
}

fn main() {}
