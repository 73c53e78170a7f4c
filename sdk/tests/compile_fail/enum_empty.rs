use xurrent::Select;

#[derive(Select)]
#[select(on = ProductBacklogItem)]
enum Item {
    
}

fn main() {}
