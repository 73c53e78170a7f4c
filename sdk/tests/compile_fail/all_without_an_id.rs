use xurrent::Select;

// The schema has no such type, and a later one may.
xurrent::select::select_fields! { xurrent
    { object Person "Thing" [] [teams "teams"]
      { teams: [Team] = "teams": "TeamConnection" } }
    #[select(on = Thing)]
    struct Mine {
        #[select(all)]
        teams: Vec<Named>,
    }
}

#[derive(Select)]
#[select(on = Team)]
struct Named {
    name: Option<String>,
}

fn main() {}
