use xurrent::{Note, NoteCreateInput, Select};

#[derive(Select)]
#[select(on = Mutation, variables = Changes)]
struct Change {
    #[select(input = $input)]
    note_create: Option<Note>,
}

struct Changes {
    input: NoteCreateInput,
}

fn main() {}
