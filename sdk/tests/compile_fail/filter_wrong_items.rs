use xurrent::RequestFilter;

fn main() {
    let _ = RequestFilter::new().status(vec!["assigned"]);
}
