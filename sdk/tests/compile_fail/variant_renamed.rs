use xurrent::{Request, Select};

#[derive(Select)]
#[select(on = HasNotes)]
enum Item {
    #[select(rename = "Reqest")]
    Ticket(Request),
    #[select(other)]
    Other,
}

fn main() {}
