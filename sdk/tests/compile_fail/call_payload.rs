use xurrent::{Client, NoteCreateInput, Select};

#[derive(Select)]
#[select(on = Note)]
struct NoteLine {
    text: Option<String>,
}

fn call(client: &Client, input: NoteCreateInput) {
    client.note_create(input).select::<NoteLine>();
}

fn main() {}
