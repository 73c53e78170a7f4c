//! What runs a program, and prints what it came to. It is compiled with the programs: see `workspace.rs`.

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use xurrent_runtime::{MemoryTransport, Result};

/// Runs a program of a case, with the client of an SDK.
macro_rules! run {
    ($sdk:ident, $program:ident, $case:literal, $name:literal, $from:literal, $server:literal) => {{
        let url = $crate::harness::url($case, $server);
        let builder = $sdk::Client::builder().endpoint(&url).personal_access_token("token");
        let builder = match $program::SUBSCRIBES {
            true => builder.transport($crate::harness::events(url)),
            false => builder,
        };
        let outcome = $program::run(builder.build().unwrap());
        $crate::harness::print(concat!($case, " ", $name, " ", $from, " ", $server), outcome);
    }};
}
pub(crate) use run;

/// The endpoint of a schema.
pub fn url(case: &str, server: &str) -> String {
    format!("{}/{case}/{server}", std::env::var("ORIGIN").unwrap())
}

/// A transport that has the events of subscriptions from a server that returns each as a response.
pub fn events(url: String) -> MemoryTransport {
    MemoryTransport::new(|_| Value::Null).with_events(move |request| {
        let body = json!({"query": request.document, "variables": request.variables}).to_string();
        let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let length = body.len();
        write!(stream, "POST /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        vec![serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap()]
    })
}

/// Awaits a program, and prints what it came to.
pub fn print(name: &str, program: impl Future<Output = Result<String>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = runtime.block_on(program).map_err(|error| format!("{:?}: {error:#}", error.kind()));
    println!("{}", json!([name, outcome]));
}
