//! Reading an enum from text fails for an unknown value.
use xurrent::RequestStatus;

fn main() {
    let status: RequestStatus = "completed".parse::<RequestStatus>();
    let _ = status;
}
