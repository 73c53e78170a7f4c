//! Enums, stages and regions as values of a command line.

use clap::{CommandFactory, Parser};
use xurrent::{Region, RequestStatus, Stage};

#[derive(Parser)]
struct Arguments {
    #[arg(long, value_enum, default_value_t = RequestStatus::Assigned)]
    status: RequestStatus,
    #[arg(long)]
    then: Vec<RequestStatus>,
    #[arg(long)]
    stage: Option<Stage>,
    #[arg(long, value_enum)]
    region: Option<Region>,
}

fn parse(arguments: &[&str]) -> Result<Arguments, String> {
    Arguments::try_parse_from([&["it"], arguments].concat()).map_err(|error| error.to_string())
}

#[test]
fn known_values_are_accepted() {
    let given = [
        "--status",
        "completed",
        "--then",
        "declined",
        "--then",
        "on_backlog",
        "--stage",
        "qa",
        "--region",
        "us",
    ];
    let arguments = parse(&given).unwrap();
    assert_eq!(arguments.status, RequestStatus::Completed);
    assert_eq!(arguments.then, [RequestStatus::Declined, RequestStatus::OnBacklog]);
    assert_eq!((arguments.stage, arguments.region), (Some(Stage::Qa), Some(Region::Us)));
    assert_eq!(parse(&[]).unwrap().status, RequestStatus::Assigned);
}

#[test]
fn other_values_are_refused_with_the_known_ones() {
    for flag in ["--status", "--then"] {
        let error = parse(&[flag, "complete"]).err().unwrap();
        assert!(error.contains("invalid value 'complete'") && error.contains("waiting_for"), "{error}");
        assert!(error.contains("similar value") && error.contains("'completed'"), "{error}");
    }
    let error = parse(&["--stage", "test"]).err().unwrap();
    assert!(error.contains("[possible values: production, qa, demo]"), "{error}");
}

#[test]
fn the_help_lists_the_values() {
    let help = Arguments::command().render_help().to_string();
    assert!(help.contains("[default: assigned]") && help.contains("on_backlog"), "{help}");
    assert!(help.contains("[possible values: global, au, ch, uk, us]"), "{help}");
    assert!(!help.contains("nrecognized"), "{help}");
}
