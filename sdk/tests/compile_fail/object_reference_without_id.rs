use xurrent::{AttachmentStorage, Ref, Select};

#[derive(Select)]
#[select(on = Query)]
struct Storage {
    attachment_storage: Option<Ref<AttachmentStorage>>,
}

fn main() {}
