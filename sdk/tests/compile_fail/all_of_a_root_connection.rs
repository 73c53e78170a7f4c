use xurrent::Select;

#[derive(Select)]
#[select(on = Query)]
struct Mine {
    #[select(all)]
    configuration_items: Vec<Named>,
}

#[derive(Select)]
#[select(on = ConfigurationItem)]
struct Named {
    name: Option<String>,
}

fn main() {}
