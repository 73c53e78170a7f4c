//! A headless Chromium, driven with the DevTools protocol over a pipe: JSON messages that end with NUL.
//!
//! A crate for the protocol would be built by every `cargo test`: cargo has no optional dev-dependencies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A page gets as long as a debug build on a busy machine needs.
const DEADLINE: Duration = Duration::from_secs(120);

/// Only 127.0.0.1 resolves. The sandbox of Chromium does not work for root.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--remote-debugging-pipe",
    "--window-size=1280,800",
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--ignore-certificate-errors",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

pub(crate) struct Browser {
    process: Child,
    input: ChildStdin,
    output: Receiver<Value>,
    profile: PathBuf,
    session: Option<String>,
    sent: u64,
    events: Vec<Value>,
}

impl Browser {
    /// Starts the program `chromium` with an empty profile and page.
    pub(crate) fn start() -> Self {
        let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chromium-{}", std::process::id()));
        // Descriptors 3 and 4 are those of the protocol.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh", "chromium"])
            .args(ARGUMENTS)
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let messages = BufReader::new(process.stdout.take().unwrap()).split(0);
        let (sender, output) = channel();
        std::thread::spawn(move || {
            for message in messages.map_while(Result::ok) {
                let _ = sender.send(serde_json::from_slice(&message).unwrap());
            }
        });
        let mut browser =
            Self { process, input, output, profile, session: None, sent: 0, events: Vec::new() };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Calls a method of the protocol. Events that arrive before its result are kept.
    fn call(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.input.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut message = self.output.recv_timeout(DEADLINE).unwrap();
            if message["id"] == self.sent {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    pub(crate) fn open(&mut self, url: &str) {
        let result = self.call("Page.navigate", json!({ "url": url }));
        assert!(result.get("errorText").is_none(), "{url}: {result}");
    }

    /// The value of a JavaScript expression.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut result = self.call("Runtime.evaluate", params);
        assert!(result.get("exceptionDetails").is_none(), "{expression}: {result}");
        result["result"]["value"].take()
    }

    /// Waits until a JavaScript expression is true.
    pub(crate) fn wait_for(&mut self, expression: &str) {
        let start = Instant::now();
        while self.evaluate(&format!("Boolean({expression})")) != true {
            if start.elapsed() > DEADLINE {
                let text = self.evaluate("document.body.innerText");
                panic!("never true: {expression}\n{text}\n{:?}", self.problems());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Clicks on the first element that matches a selector, once there is one.
    pub(crate) fn click(&mut self, selector: &str) {
        let element = format!("document.querySelector({})", json!(selector));
        self.wait_for(&element);
        self.evaluate(&format!("{element}.click()"));
    }

    /// Presses keys of the keyboard: letters, or `Enter`, `Escape`.
    pub(crate) fn press<'k>(&mut self, keys: impl IntoIterator<Item = &'k str>) {
        for key in keys {
            let mut event = json!({ "type": "keyDown", "key": key, "code": key });
            match key {
                "Enter" => (event["windowsVirtualKeyCode"], event["text"]) = (json!(13), json!("\r")),
                "Escape" => event["windowsVirtualKeyCode"] = json!(27),
                _ => {
                    (event["code"], event["text"]) = (json!(format!("Key{}", key.to_uppercase())), json!(key))
                }
            }
            self.call("Input.dispatchKeyEvent", event.clone());
            event["type"] = json!("keyUp");
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Errors of the console, violations of the content security policy included.
    pub(crate) fn problems(&mut self) -> Vec<String> {
        // The result of a call arrives after all earlier events.
        self.evaluate("null");
        let is_problem = |event: &&Value| {
            let (method, params) = (&event["method"], &event["params"]);
            let level = if method == "Log.entryAdded" { &params["entry"]["level"] } else { &params["type"] };
            method == "Runtime.exceptionThrown"
                || ["Log.entryAdded", "Runtime.consoleAPICalled"].iter().any(|name| method == name)
                    && level == "error"
        };
        self.events.iter().filter(is_problem).map(Value::to_string).collect()
    }

    /// The URLs of all requests.
    pub(crate) fn requested(&mut self) -> Vec<String> {
        self.evaluate("null");
        let urls = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        urls.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned()).collect()
    }

    /// Sets the size of the window and saves a screenshot as `<name>.png` in the folder for temporary
    /// files of tests, which is below the target folder.
    pub(crate) fn screenshot(&mut self, name: &str, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let image = self.call("Page.captureScreenshot", json!({}));
        let image = STANDARD.decode(image["data"].as_str().unwrap()).unwrap();
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        std::fs::write(&path, image).unwrap();
        println!("screenshot: {}", path.display());
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
