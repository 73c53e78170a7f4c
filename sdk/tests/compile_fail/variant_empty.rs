use xurrent::Select;

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    Problem,
    #[select(other)]
    Other,
}

fn main() {}
