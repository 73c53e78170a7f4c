use xurrent::RequestStatus;
use xurrent::events::NewEvent;

fn main() {
    let _ = NewEvent::new("Down").impact(RequestStatus::Assigned);
}
