//! Makes people in Xurrent equal to those in a file of an HR system: creates, updates, and disables people.
//!
//! ```text
//! cargo run --example nightly_sync -- people.json
//! ```
//!
//! The file is a JSON array: `[{"id": "E1", "name": "Ada", "email": "ada@example.com", "job_title": null}]`.
//! People are matched by `source` and `sourceID`, so it never changes people of another source.
//!
//! Each run compares everything and sends only differences. So a run that was stopped, by a crash too, needs
//! no file to resume: run it again. `ClientBuilder::from_env` has the variables of the account.
//!
//! Exit codes: 0 equal now, 1 stopped (the error says why), 3 the server refused some changes.

use anyhow::{Context, ensure};
use std::{collections::BTreeMap, env, fs::File, process::ExitCode};
use xurrent::{Client, Person, PersonCreateInput, PersonFilter, PersonUpdateInput, PersonView};

/// The `source` of people in Xurrent that come from HR.
const SOURCE: &str = "hr";
/// The sync changes nothing if more people than this left: a truncated file must not disable everybody.
const MAX_DISABLED: usize = 20;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Employee {
    id: String,
    name: String,
    email: String,
    job_title: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let path = env::args().nth(1).context("the file is missing; usage: nightly_sync people.json")?;
    let file = File::open(&path).with_context(|| format!("cannot open {path}"))?;
    let employees: Vec<Employee> =
        serde_json::from_reader(file).with_context(|| format!("invalid {path}"))?;
    let rows = employees.len();
    let mut wanted: BTreeMap<_, _> = employees.into_iter().map(|it| (it.id.clone(), it)).collect();
    ensure!(wanted.len() == rows, "an id occurs twice in {path}: correct the file");

    let client = Client::from_env()?;
    let ours = PersonFilter::new().source([SOURCE]);
    let people = client.people().view(PersonView::CurrentAccount).filter(ours).all().await?;
    let (mut changes, mut disabled) = (Vec::new(), 0);
    for person in people {
        let id = person.source_id.unwrap_or_default();
        let is = (person.name, person.primary_email, person.job_title, person.disabled == Some(true));
        let wanted = match wanted.remove(&id) {
            Some(Employee { name, email, job_title, .. }) => (Some(name), Some(email), job_title, false),
            None => (is.0.clone(), is.1.clone(), is.2.clone(), true),
        };
        if is != wanted {
            let (name, email, job_title, disable) = wanted;
            let input = PersonUpdateInput::new(person.id).name(name).primary_email(email);
            let input = input.job_title(job_title).disabled(disable);
            changes.push((id, client.person_update(input).record::<Person>()));
            disabled += usize::from(disable);
        }
    }
    ensure!(disabled <= MAX_DISABLED, "{disabled} people are not in {path}: nothing was changed");
    println!("{} to create, {} to update, {disabled} to disable", wanted.len(), changes.len() - disabled);
    for (id, Employee { name, email, job_title, .. }) in wanted {
        let input = PersonCreateInput::new(name, email).source(SOURCE).source_id(&id).job_title(job_title);
        changes.push((id, client.person_create(input).record()));
    }

    // `record` returns a person from a creation and from an update, so one batch holds both.
    let (ids, changes): (Vec<_>, Vec<_>) = changes.into_iter().unzip();
    let mut refused = 0;
    let mut results = client.batch_all(changes);
    while let Some((index, result)) = results.next().await {
        let Err(error) = result else { continue };
        eprintln!("{}: {error}", ids[index]);
        ensure!(error.is_payload(), "stopped: run it again to continue");
        refused += 1;
    }
    println!("{} changes made, {refused} refused", ids.len() - refused);
    Ok(ExitCode::from(if refused == 0 { 0 } else { 3 }))
}
