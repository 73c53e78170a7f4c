use xurrent::Select;

#[derive(Select)]
#[select(on = Person)]
struct Colleague {
    #[select(first = 100)]
    teams: Vec<Members>,
}

#[derive(Select)]
#[select(on = Team)]
struct Members {
    #[select(first = 100)]
    members: Vec<Skills>,
}

#[derive(Select)]
#[select(on = Person)]
struct Skills {
    #[select(first = 100)]
    skill_pools: Vec<xurrent::SkillPool>,
}

fn main() {}
