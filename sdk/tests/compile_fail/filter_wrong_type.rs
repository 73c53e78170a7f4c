use xurrent::PersonFilter;

fn main() {
    let names = vec!["Howard", "James"];
    let _ = PersonFilter::new().name(names.iter());
}
