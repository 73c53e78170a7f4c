use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(renamed = "name")]
    full_name: Option<String>,
    #[select(defualt)]
    job_title: String,
}

fn main() {}
