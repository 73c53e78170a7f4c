//! The program under test, and a server that answers with prepared bytes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use std::{fs, thread};

/// What to do with a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Send these bytes and hang up.
    Bytes(String),
    /// A status, a content type, and a body in which `{request}` stands for what was sent.
    Echo(&'static str, &'static str, &'static str),
    /// Wait and say nothing.
    Silence,
}

impl Answer {
    pub(crate) fn json(status: &str, body: &str) -> Self {
        Self::with_type(status, "application/json", body)
    }

    pub(crate) fn with_type(status: &str, kind: &str, body: &str) -> Self {
        let length = body.len();
        Self::Bytes(format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nx-request-id: r-77\r\n\
             connection: close\r\n\r\n{body}"
        ))
    }

    /// Announces more than it sends.
    pub(crate) fn cut(body: &str) -> Self {
        Self::Bytes(format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len() + 100
        ))
    }
}

/// A server on a loopback port. It gives its answers in order, and the last one again and again.
pub(crate) struct Scripted {
    pub(crate) host: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    pub(crate) fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answers: Vec<Answer> = answers.into_iter().collect();
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let Some(answer) = answers.get(number).or(answers.last()) else { return };
                let mut stream = stream.unwrap();
                let request = read(&mut stream);
                seen.lock().unwrap().push(request.clone());
                let echo = match answer {
                    Answer::Echo(status, kind, body) => {
                        let sent = serde_json::to_string(&request).unwrap();
                        Some(Answer::with_type(
                            status,
                            kind,
                            &body.replace("{request}", sent.trim_matches('"')),
                        ))
                    }
                    _ => None,
                };
                match echo.as_ref().unwrap_or(answer) {
                    Answer::Bytes(bytes) => stream.write_all(bytes.as_bytes()).unwrap(),
                    Answer::Echo(..) => {}
                    Answer::Silence => thread::sleep(Duration::from_secs(20)),
                }
            }
        });
        Self { host, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/graphql", self.host)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// One request, head and body.
fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut buffer).unwrap() {
            0 => return text,
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program with the files of a folder and no other credentials than those given.
pub(crate) fn introspect(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xurrent-introspect"));
    for name in ["ACCOUNT", "TOKEN", "CLIENT_ID", "CLIENT_SECRET"] {
        command.env_remove(format!("XURRENT_{name}")).env_remove(format!("XURRENT_ALSO_{name}"));
    }
    let output = command
        .args(arguments)
        .arg("--schema")
        .arg(folder.join("schema.json"))
        .arg("--overrides")
        .arg(folder.join("overrides.toml"))
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Everything in a folder: names, contents, times of the last change.
pub(crate) fn contents(folder: &Path) -> Vec<(String, Vec<u8>, SystemTime)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let changed = fs::metadata(&path).unwrap().modified().unwrap();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap(), changed)
        })
        .collect();
    files.sort();
    files
}

/// An introspection result with these types, beside a query type `Query`.
pub(crate) fn schema(types: &str) -> String {
    format!(r#"{{"data":{{"__schema":{{"queryType":{{"name":"Query"}},"types":[{types}]}}}}}}"#)
}

/// A type with one field.
pub(crate) fn object(name: &str, field: &str, ty: &str) -> String {
    format!(r#"{{"kind":"OBJECT","name":"{name}","fields":[{{"name":"{field}","args":[],"type":{ty}}}]}}"#)
}

pub(crate) const TEXT: &str = r#"{"kind":"SCALAR","name":"String"}"#;
