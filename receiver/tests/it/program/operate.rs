//! The files for operators in `operate/`, each checked by the program that reads it, if that is installed.

use super::target::Target;
use super::{Service, Setup};
use crate::support::{Sender, until};
use bytes::Bytes;
use futures_util::StreamExt;
use http_body::Frame;
use http_body_util::StreamBody;
use rcgen::{CertificateParams, KeyPair};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("operate").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

/// Whether a program is installed. If not, says so where it is not captured.
fn is_installed(program: &str, package: &str) -> bool {
    let is_there = Command::new(program).arg("--help").output().is_ok();
    if !is_there {
        let _ = writeln!(
            std::io::stderr(),
            "\nSKIPPED: {program} is not installed (apt-get install {package})\n"
        );
    }
    is_there
}

fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", super::all_text(&output));
    super::all_text(&output)
}

/// The names of all metrics in a text, such as `xurrent_receiver_inbox_up`.
fn metrics(text: &str) -> BTreeSet<&str> {
    let words = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
    words.filter(|word| word.starts_with("xurrent_receiver_")).collect()
}

/// Every value of a key, at any depth.
fn values<'v>(json: &'v Value, key: &str, found: &mut Vec<&'v str>) {
    match json {
        Value::Object(object) => {
            found.extend(object.get(key).and_then(Value::as_str));
            object.values().for_each(|value| values(value, key, found));
        }
        Value::Array(all) => all.iter().for_each(|value| values(value, key, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_and_dashboard_name_only_metrics_that_the_program_exports() {
    let target = Target::start().await;
    let setup = Setup::with_url(target.address, "[worker]\nmax_attempts = 1");
    let service = setup.serve();
    // Everything that has a label happens once.
    assert_eq!(service.deliver("a", &setup.body("request.create", 70)).await, 200);
    assert_eq!(service.deliver("a", "{}").await, 403);
    let scraped = async || {
        Sender::connect(service.monitoring.unwrap()).await.unwrap().get("/metrics").await.unwrap().body
    };
    // The target has the delivery before the program counts it.
    until("it is counted", async || scraped().await.contains("xurrent_receiver_handled_total{")).await;
    let text = scraped().await;
    let exported = metrics(&text);
    let (alerts, dashboard) = (read("alerts.yml"), read("dashboard.json"));
    for (file, text) in [
        ("alerts.yml", &alerts),
        ("alerts-test.yml", &read("alerts-test.yml")),
        ("dashboard.json", &dashboard),
    ] {
        let named = metrics(text);
        assert!(named.len() > 4, "{file}: {named:?}");
        let unknown: Vec<_> = named.difference(&exported).collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}, but there are {exported:?}");
    }
    // A dashboard shows all that there is, apart from counts and sums of histograms.
    let shown = metrics(&dashboard);
    let is_shown = |name: &str| {
        let family = name.trim_end_matches("_count").trim_end_matches("_sum").trim_end_matches("_bucket");
        let samples = [format!("{family}_total"), format!("{family}_bucket")];
        shown.contains(name) || samples.iter().any(|sample| shown.contains(sample.as_str()))
    };
    let missing: Vec<_> = exported.iter().filter(|name| !is_shown(name)).collect();
    assert!(missing.is_empty(), "the dashboard lacks {missing:?}");
}

#[test]
fn the_dashboard_is_a_model_whose_panels_do_not_overlap_and_whose_queries_parse() {
    let dashboard: Value = serde_json::from_str(&read("dashboard.json")).unwrap();
    assert!(dashboard["schemaVersion"].as_i64().is_some_and(|version| version >= 36));
    let panels = dashboard["panels"].as_array().unwrap();
    let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
    for panel in panels {
        assert!(ids.insert(panel["id"].as_i64().unwrap()), "{panel}");
        assert!(
            panel["title"].is_string()
                && panel["type"].is_string()
                && panel["datasource"]["uid"] == "${source}"
        );
        let side = |name: &str| panel["gridPos"][name].as_i64().unwrap();
        assert!(side("x") + side("w") <= 24, "{panel}");
        for (x, y) in (side("x")..side("x") + side("w"))
            .flat_map(|x| (side("y")..side("y") + side("h")).map(move |y| (x, y)))
        {
            assert!(cells.insert((x, y)), "panels overlap at {x}, {y}");
        }
    }
    let mut queries = Vec::new();
    values(&dashboard, "expr", &mut queries);
    assert!(queries.len() >= panels.len());
    if is_installed("promtool", "prometheus") {
        let folder = TempDir::new().unwrap();
        let rule = |(number, query): (usize, &&str)| {
            let query = query.replace("$__rate_interval", "5m");
            format!("      - record: query:{number}\n        expr: '{query}'\n")
        };
        let rules: String = queries.iter().enumerate().map(rule).collect();
        let file = folder.path().join("queries.yml");
        fs::write(&file, format!("groups:\n  - name: queries\n    rules:\n{rules}")).unwrap();
        succeed(Command::new("promtool").args(["check", "rules"]).arg(file));
    }
}

#[test]
fn alerts_are_raised_by_a_broken_service_and_by_no_healthy_one() {
    if is_installed("promtool", "prometheus") {
        succeed(Command::new("promtool").args(["check", "rules"]).arg(path("alerts.yml")));
        succeed(Command::new("promtool").args(["test", "rules", "alerts-test.yml"]).current_dir(path("")));
    }
    let count = |file: &str, key: &str| read(file).lines().filter(|line| line.contains(key)).count();
    let alerts = count("alerts.yml", "- alert: ");
    // Each twice: raised, and not raised.
    assert_eq!(count("alerts-test.yml", "alertname: "), 2 * alerts);
}

#[test]
fn the_unit_of_systemd_is_valid_and_confined() {
    if !is_installed("systemd-analyze", "systemd") {
        return;
    }
    let folder = TempDir::new().unwrap();
    let unit = folder.path().join("xurrent-receiver.service");
    let text = read("xurrent-receiver.service");
    assert!(text.contains("ExecStart=/usr/local/bin/xurrent-receiver serve "));
    fs::write(&unit, text.replace("/usr/local/bin/xurrent-receiver", env!("CARGO_BIN_EXE_xurrent-receiver")))
        .unwrap();
    assert_eq!(succeed(Command::new("systemd-analyze").arg("verify").arg(&unit)), "", "without a warning");
    // In tenths: 1.5 of 10, which is unconfined.
    succeed(
        Command::new("systemd-analyze").args(["security", "--offline=true", "--threshold=15"]).arg(&unit),
    );
}

/// Killed when it is dropped.
struct Nginx {
    child: Child,
    address: SocketAddr,
    authority: String,
    folder: TempDir,
}

impl Nginx {
    /// Runs the example in front of a service, on a free port and with a certificate of its own.
    fn start(service: &Service) -> Self {
        let folder = TempDir::new().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::write(&file, text).unwrap();
            file.display().to_string()
        };
        let mut text = read("nginx.conf");
        for (old, new) in [
            ("listen 443 ssl", format!("listen {address} ssl")),
            ("/etc/nginx/webhooks.pem", write("webhooks.pem", &certificate.pem())),
            ("/etc/nginx/webhooks.key", write("webhooks.key", &key.serialize_pem())),
            ("http://127.0.0.1:8080", format!("http://{}", service.address)),
            ("worker_processes auto;", "daemon off; pid pid; error_log error.log;".to_owned()),
            ("http {", "http { access_log access.log;".to_owned()),
        ] {
            assert_eq!(text.matches(old).count(), 1, "{old}");
            text = text.replace(old, &new);
        }
        let file = write("nginx.conf", &text);
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder.path()).args(["-c", &file, "-e", "error.log"]);
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, address, authority: certificate.pem(), folder }
    }

    fn client(&self) -> reqwest::Client {
        let authority = reqwest::Certificate::from_pem(self.authority.as_bytes()).unwrap();
        let builder = reqwest::Client::builder().no_proxy().tls_certs_only([authority]);
        builder.resolve("localhost", self.address).build().unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_pass_nginx_and_nothing_else_does() {
    if !is_installed("nginx", "nginx-light") {
        return;
    }
    let target = Target::start().await;
    let setup = Setup::with_url(target.address, "");
    let service = setup.serve();
    let nginx = Nginx::start(&service);
    let client = nginx.client();
    until("it listens", async || client.get(nginx.url("/")).send().await.is_ok()).await;
    let post = async |path: &str, body: String| {
        let request = client.post(nginx.url(path)).header("x-xurrent-delivery", "a");
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(post("/xurrent?key=of-the-webhook", setup.body("request.create", 70)).await, 200);
    until("it arrives", async || target.posts().len() == 1).await;
    assert_eq!(target.origins(), ["a"]);
    assert_eq!(post("/xurrent", "{}".to_owned()).await, 403, "of the receiver");
    // As large as the receiver accepts, and larger.
    let padded = |size: usize| {
        let body = setup.body("request.create", 71);
        " ".repeat(size - body.len()) + &body
    };
    assert_eq!(post("/xurrent", padded(256 * 1024)).await, 200);
    assert_eq!(post("/xurrent", padded(256 * 1024 + 1)).await, 413);
    for path in ["/metrics", "/health", "/live", "/", "/xurrent/", "/xurrent/metrics", "/xurrent/../metrics"]
    {
        assert_eq!(post(path, String::new()).await, 404, "{path}");
        assert_eq!(client.get(nginx.url(path)).send().await.unwrap().status(), 404, "{path}");
    }
    // A slow body ends within its time, and the receiver does not see it.
    let first = futures_util::stream::iter([Ok::<_, std::io::Error>(Frame::data(Bytes::from("{")))]);
    let body = StreamBody::new(first.chain(futures_util::stream::pending()));
    let slow = client.post(nginx.url("/xurrent")).body(reqwest::Body::wrap(body));
    let started = Instant::now();
    let status = slow.send().await.map(|response| response.status().as_u16());
    assert!(status.as_ref().is_ok_and(|status| *status == 408) || status.is_err(), "{status:?}");
    assert!(started.elapsed() < Duration::from_secs(9), "{:?}", started.elapsed());
    let log = fs::read_to_string(nginx.folder.path().join("access.log")).unwrap();
    assert!(!log.contains("of-the-webhook"), "{log}");
}

/// The files that the image is made of exist, and its commands and variables are those of the program.
#[test]
fn the_image_names_only_what_exists() {
    let text = read("Containerfile");
    let features = text.split_once("--features ").unwrap().1.split_whitespace().next().unwrap();
    let manifest = fs::read_to_string(path("../Cargo.toml")).unwrap();
    for feature in features.split(',') {
        assert!(manifest.contains(&format!("\n{feature} = [")), "{feature}");
    }
    let setup = Setup::new("command = [\"cat\"]");
    let variables = text.split(['\\', '\n']).map(|part| part.trim().trim_start_matches("ENV ").trim());
    let mut command = setup.command("serve --no-migrate");
    let variables: Vec<_> = variables
        .filter_map(|part| part.split_once('='))
        .filter(|(name, _)| name.starts_with("XURRENT_"))
        .collect();
    assert_eq!(variables.len(), 3, "{variables:?}");
    // Known ones end at the inbox, which there is none of.
    let output = command.envs(variables).output().unwrap();
    let found = super::all_text(&output);
    assert!(found.contains("schema version 0") || found.contains("cannot listen on 0.0.0.0:808"), "{found}");
    for line in text.lines().filter(|line| line.starts_with("HEALTHCHECK") || line.starts_with("CMD")) {
        let words: Vec<String> = serde_json::from_str(&line[line.find('[').unwrap()..]).unwrap();
        let words = words.into_iter().filter(|word| !word.contains('/')).collect::<Vec<_>>().join(" ");
        succeed(Command::new(env!("CARGO_BIN_EXE_xurrent-receiver")).args(words.split(' ')).arg("--help"));
    }
    // Its user owns what it writes.
    assert!(
        text.contains("USER 10001:10001") && text.contains("-o 10001 -g 10001 /out/var/lib/xurrent-receiver")
    );
    // Images are pinned, and what is built is not copied.
    assert!(
        text.lines()
            .filter(|line| line.starts_with("FROM "))
            .all(|line| line.contains(':') && !line.contains("latest"))
    );
    assert!(fs::read_to_string(path("../../.dockerignore")).unwrap().lines().any(|line| line == "target"));
    if is_installed("hadolint", "hadolint") {
        succeed(Command::new("hadolint").arg(path("Containerfile")));
    }
}
