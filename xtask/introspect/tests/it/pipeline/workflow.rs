//! Steps of a workflow, run as GitHub Actions runs them.

use saphyr::{LoadableYamlNode as _, Yaml};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Values of expressions such as `vars.NAME`.
pub(crate) type Context = BTreeMap<String, String>;

/// A step with a script. Steps that use an action are left out.
#[derive(Debug)]
struct Step {
    name: String,
    id: Option<String>,
    condition: Option<String>,
    environment: BTreeMap<String, String>,
    script: String,
}

/// The variables and the steps of a workflow with one job.
#[derive(Debug)]
pub(crate) struct Workflow {
    environment: BTreeMap<String, String>,
    steps: Vec<Step>,
    /// The actions that it uses.
    pub(crate) actions: Vec<String>,
}

impl Workflow {
    pub(crate) fn read(text: &str) -> Self {
        let documents = Yaml::load_from_str(text).unwrap();
        let workflow = &documents[0];
        let (_, job) = workflow["jobs"].as_mapping().unwrap().iter().next().unwrap();
        let steps = job["steps"].as_sequence().unwrap();
        let actions = steps.iter().filter_map(|step| text_of(step, "uses")).collect();
        let steps = steps.iter().filter_map(|step| {
            Some(Step {
                script: text_of(step, "run")?,
                name: text_of(step, "name").unwrap(),
                id: text_of(step, "id"),
                condition: text_of(step, "if"),
                environment: environment(step),
            })
        });
        Self { environment: environment(workflow), steps: steps.collect(), actions }
    }

    /// Runs the steps in a folder and returns what they print, and their names. `files` is a folder for files of the
    /// runner. Stops at the first step that fails.
    pub(crate) fn run(
        &self,
        folder: &Path,
        files: &Path,
        mut context: Context,
        run: &dyn Fn(&mut Command),
    ) -> String {
        let mut printed = String::new();
        for step in &self.steps {
            if step.condition.as_ref().is_some_and(|condition| !holds(condition, &context)) {
                continue;
            }
            let output = files.join("output");
            std::fs::write(&output, "").unwrap();
            let mut bash = Command::new("bash");
            bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &step.script]).current_dir(folder);
            bash.env("GITHUB_OUTPUT", &output).env("RUNNER_TEMP", files);
            for (name, value) in self.environment.iter().chain(&step.environment) {
                bash.env(name, expand(value, &context));
            }
            run(&mut bash);
            let ran = bash.output().unwrap();
            let text =
                format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
            assert!(ran.status.success(), "{}: {text}", step.name);
            printed = format!("{printed}\n== {}\n{text}", step.name);
            for line in std::fs::read_to_string(&output).unwrap().lines() {
                let (name, value) = line.split_once('=').unwrap();
                let id = step.id.as_ref().unwrap();
                context.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
            }
        }
        printed
    }
}

fn text_of(yaml: &Yaml<'_>, key: &str) -> Option<String> {
    yaml.as_mapping_get(key)?.as_str().map(str::to_owned)
}

fn environment(yaml: &Yaml<'_>) -> BTreeMap<String, String> {
    let variables = yaml.as_mapping_get("env").and_then(Yaml::as_mapping).into_iter().flatten();
    variables
        .map(|(name, value)| (name.as_str().unwrap().to_owned(), value.as_str().unwrap().to_owned()))
        .collect()
}

/// Conditions of the form `name == 'text'`.
fn holds(condition: &str, context: &Context) -> bool {
    let (name, text) = condition.split_once(" == ").unwrap();
    context.get(name).map(String::as_str).unwrap_or_default() == text.trim_matches('\'')
}

/// Replaces `${{ name }}`.
fn expand(text: &str, context: &Context) -> String {
    let Some((before, rest)) = text.split_once("${{ ") else { return text.to_owned() };
    let (name, after) = rest.split_once(" }}").unwrap();
    let value = context.get(name).unwrap_or_else(|| panic!("{name} is not known"));
    format!("{before}{value}{}", expand(after, context))
}
