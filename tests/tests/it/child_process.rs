//! Tests in a process of their own, for loggers and panic hooks, which belong to the whole process.

use std::process::Command;

const MARK: &str = "XURRENT_TEST_CHILD";

/// Runs the test of this name again, alone in a process, and returns whether this is that process.
pub(crate) fn is_child(test: &str) -> bool {
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--include-ignored", "--nocapture"]).env(MARK, "1");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "no test is named {test}: {text}");
    false
}
