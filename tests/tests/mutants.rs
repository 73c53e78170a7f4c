//! Proof that the suite bites: the code is broken on purpose, one line at a time, and each time a
//! test has to fail.
//!
//! Every mutant is one exact replacement in a copy of the workspace. The copy and its target folder
//! stay where they are, so a second run builds only what a mutant touches.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::HashSet;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a part of the suite may take, with everything that it builds.
const LONGEST: Duration = Duration::from_secs(600);

/// What is said last of one that takes longer.
const OUT_OF_TIME: &str = "\nit took too long";

/// A narrow part of the suite: the arguments of cargo. The properties take the longest, so a mutant
/// is given to them only where they are what is on trial.
type Suite = &'static [&'static str];

/// The decoder's tests but the properties.
const DECODER: Suite = &[
    "test",
    "-p",
    "xurrent-runtime",
    "--test",
    "decoder",
    "--",
    "--skip",
    "agreement",
    "--skip",
    "hostile",
    "--skip",
    "through_",
    "--skip",
    "any_order",
];

/// The decoder against serde.
const AGREEMENT: Suite = &["test", "-p", "xurrent-runtime", "--test", "decoder", "--", "agreement"];

/// The decoder on exponents that overflow.
const EXPONENTS: Suite = &["test", "-p", "xurrent-runtime", "--test", "decoder", "--", "exponents"];

/// The emitted source against its snapshots.
const GROWING: Suite = &["test", "-p", "xurrent-generator", "--test", "features", "growing"];
const TASKS: Suite = &["test", "-p", "xtask", "--test", "tasks"];
const SNAPSHOTS: Suite = &["test", "-p", "xurrent-generator", "--test", "features", "the_source"];

/// The generated SDK against the sandbox.
const FIRST_CALLS: Suite = &["test", "-p", "xurrent-tests", "--test", "first_calls"];

/// Every operation of the generated SDK, every field with a value and with null.
const EVERY_OPERATION: Suite =
    &["test", "-p", "xurrent-tests", "--test", "every_operation", "--", "every_operation_gives"];

/// The same with secrets planted everywhere, and everything that can fail.
const SECRETS: Suite = &["test", "-p", "xurrent-tests", "--test", "every_operation", "--", "no_secret"];

/// Every shape of a failure.
const ERROR_SHAPES: Suite = &["test", "-p", "xurrent-tests", "--test", "error_shapes"];

/// The rules for following pages.
const PAGINATION: Suite = &["test", "-p", "xurrent-tests", "--test", "pagination"];

/// Selections of the user's own.
const SELECTIONS: Suite = &["test", "-p", "xurrent-tests", "--test", "selections"];

/// What filters send.
const FILTERS: Suite = &["test", "-p", "xurrent-tests", "--test", "filters"];

/// Several calls in one request.
const BATCHES: Suite = &["test", "-p", "xurrent-tests", "--test", "batches"];

/// What is asked for before a page is read.
const ASKING_AHEAD: Suite = &["test", "-p", "xurrent-tests", "--test", "asking_ahead"];

/// Streams that fetch ahead.
const STREAMING: Suite = &["test", "-p", "xurrent-tests", "--test", "streaming"];

/// Streams that are resumed, without the property.
const RESUMING: Suite =
    &["test", "-p", "xurrent-tests", "--test", "resuming", "--", "--skip", "whatever_interrupts"];

/// Pages that get smaller.
const PAGE_SIZES: Suite = &["test", "-p", "xurrent-tests", "--test", "page_sizes"];

/// Batches that page on.
const BATCH_PAGES: Suite = &["test", "-p", "xurrent-tests", "--test", "batch_pages"];
/// Lists of which all is wanted, from servers that behave in every way.
const COMPLETING: Suite = &["test", "-p", "xurrent-runtime", "--test", "completing"];

/// Signing in, limits and retries, against scripted answers.
const SESSION: Suite = &["test", "-p", "xurrent-runtime", "--test", "session"];

/// Webhooks that are made with a policy.
const SIGNED_WEBHOOKS: Suite = &["test", "-p", "xurrent-tests", "--test", "signed_webhooks"];

/// Answers that take their time.
const FAULTS: Suite = &["test", "-p", "xurrent-tests", "--test", "faults", "--", "a_slow_body"];

/// Random schedules of faults.
const RANDOM_FAULTS: Suite = &["test", "-p", "xurrent-tests", "--test", "random_faults"];

/// What goes wrong in the sandbox on request.
const FAULTING: Suite = &["test", "-p", "xurrent-sandbox", "--test", "faulting"];
/// Which events changes lead to.
const ANNOUNCING: Suite = &["test", "-p", "xurrent-sandbox", "--test", "announcing"];
/// How webhooks are delivered.
const DELIVERING: Suite = &["test", "-p", "xurrent-sandbox", "--test", "delivering"];
/// What the account publishes over https.
const PUBLISHING: Suite = &["test", "-p", "xurrent-sandbox", "--test", "publishing"];
/// Uploads to the sandbox and to scripted storages.
const UPLOADS: Suite = &[
    "test",
    "-p",
    "xurrent-tests",
    "--test",
    "uploads",
    "--",
    "limits::a_file_may",
    "sending::files_",
    "failing::a_reader",
    "failing::an_answer_before",
    "failing::a_permission",
    "failing::nothing_that",
];
/// How requests travel.
const HTTP_SETTINGS: Suite = &["test", "-p", "xurrent-tests", "--test", "http_settings"];

/// What hooks are told and what they may do.
const HOOKS: Suite = &["test", "-p", "xurrent-tests", "--test", "hooks"];

/// Results that are fetched later.
const ASYNC_RESULTS: Suite =
    &["test", "-p", "xurrent-tests", "--test", "async_results", "--", "only_addresses"];

/// What is recorded, with secrets planted in it.
const RECORDING: Suite = &["test", "-p", "xurrent-tests", "--test", "recording", "--", "no_secret"];
/// The embedded inbox.
const INBOX: Suite = &["test", "-p", "xurrent-receiver", "--test", "sqlite"];

/// How its file is opened.
const INBOX_FILE: Suite = &["test", "-p", "xurrent-receiver", "--lib"];

/// The endpoint for webhooks.
const ENDPOINT: Suite = &["test", "-p", "xurrent-receiver", "--test", "endpoint"];

/// The endpoint, killed under load.
const KILLED: Suite = &["test", "-p", "xurrent-receiver", "--test", "killed"];

/// What hands deliveries on.
const WORKER: Suite = &["test", "-p", "xurrent-receiver", "--test", "worker"];
/// Webhooks, without what is random.
const WEBHOOK: Suite = &["test", "-p", "xurrent-runtime", "--test", "webhook", "--", "--skip", "random"];

struct Mutant {
    name: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    killed_by: Suite,
}

const fn mutant(
    name: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    killed_by: Suite,
) -> Mutant {
    Mutant { name, file, from, to, killed_by }
}

const FIELD: &str = "sdk/runtime/src/decode/field.rs";
const POOL: &str = "sdk/runtime/src/pool/mod.rs";
const READER: &str = "sdk/runtime/src/decode/reader.rs";
const ERROR: &str = "sdk/runtime/src/decode/error.rs";
const TIME: &str = "sdk/runtime/src/scalar/time.rs";
const DECIMAL: &str = "sdk/runtime/src/scalar/decimal.rs";
const JSON: &str = "sdk/runtime/src/scalar/json.rs";
const VALUE: &str = "sdk/runtime/src/input/value.rs";
const FILL: &str = "sdk/runtime/src/complete/fill.rs";
const DELIVER: &str = "sandbox/src/webhook/deliver.rs";
const HANDSHAKE: &str = "sandbox/src/webhook/handshake.rs";
const POLICY: &str = "sandbox/src/webhook/policy.rs";
const INBOX_QUERIES: &str = "receiver/src/inbox/sqlite/queries.rs";
const DOCUMENT: &str = "sdk/runtime/src/document.rs";
const PAGER: &str = "sdk/runtime/src/pager/mod.rs";

const MUTANTS: &[Mutant] = &[
    // Names: a wrong pairing of a name with a field of the same type compiles and decodes.
    mutant(
        "two names of a generated table swapped",
        "sdk/src/generated/person.rs",
        "\"information\",\n            \"jobTitle\",",
        "\"jobTitle\",\n            \"information\",",
        FIRST_CALLS,
    ),
    mutant(
        "the emitter writes the names of a table in another order",
        "generator/src/emit/objects.rs",
        "let wire = object.fields.iter().map(|field| &field.graphql);",
        "let wire = object.fields.iter().rev().map(|field| &field.graphql);",
        SNAPSHOTS,
    ),
    // One field among thousands: only a run of all operations meets it.
    mutant(
        "two slots of a generated decode list swapped",
        "sdk/src/generated/feedback_urls.rs",
        "&mut [&mut self.dissatisfied_url, &mut self.satisfied_url]",
        "&mut [&mut self.satisfied_url, &mut self.dissatisfied_url]",
        EVERY_OPERATION,
    ),
    mutant(
        "null is a default",
        FIELD,
        "if decoder.null()? {\n            *self = None;",
        "if decoder.null()? {\n            *self = Some(T::vacant());",
        EVERY_OPERATION,
    ),
    // Uploads.
    mutant(
        "a file may not be as large as the limit",
        "sdk/runtime/src/upload/storage.rs",
        "if size <= self.size_limit {",
        "if size < self.size_limit {",
        UPLOADS,
    ),
    mutant(
        "credentials go to any storage",
        "sdk/runtime/src/upload/storage.rs",
        "if provider == Provider::Local && !(is_own && same_port) {",
        "if provider == Provider::Local && !same_port {",
        UPLOADS,
    ),
    mutant(
        "a reader may hold more than was said",
        "sdk/runtime/src/upload/body.rs",
        "if self.sent + piece.len() as u64 > self.size => {",
        "if false => {",
        UPLOADS,
    ),
    mutant(
        "an answer before the whole file counts",
        "sdk/runtime/src/upload/call.rs",
        "if answer.status().is_success() && !course.is_whole() {",
        "if false {",
        UPLOADS,
    ),
    mutant(
        "a storage that refuses is asked for no new permission",
        "sdk/runtime/src/upload/call.rs",
        "storages.forget(&storage);",
        "",
        UPLOADS,
    ),
    mutant(
        "two files with one name are given one key",
        "sdk/runtime/src/upload/storage.rs",
        ".insert(place)",
        ".insert(place) || !name.is_empty()",
        UPLOADS,
    ),
    mutant(
        "what the storage handed out is shown",
        "sdk/runtime/src/upload/answer.rs",
        "let said = said.map(|said| quote(said.as_bytes(), secrets, BRIEF, false));",
        "let said = said.map(|said| quote(said.as_bytes(), &[], BRIEF, false));",
        UPLOADS,
    ),
    mutant(
        "a bucket may be within one's own network",
        "sdk/runtime/src/upload/storage.rs",
        "if provider == Provider::S3 && !is_of_api(uri, endpoint) && !has_public_name(uri) {",
        "if provider == Provider::S3 && !is_of_api(uri, endpoint) && host.is_empty() {",
        UPLOADS,
    ),
    // Secrets.
    mutant(
        "a refusal repeats the token",
        "sdk/runtime/src/answer.rs",
        "    let quoted = secrets.quote(body, BRIEF);",
        "    let quoted = String::from_utf8_lossy(body);",
        SECRETS,
    ),
    mutant(
        "a GraphQL error repeats the token",
        "sdk/runtime/src/reported.rs",
        "let text = self.secrets.quote(text, self.most(most));",
        "let text = text.to_owned();",
        SECRETS,
    ),
    mutant(
        "a value that does not fit repeats the token",
        "sdk/runtime/src/response.rs",
        "problem.map(|problem: DecodeError| problem.concealed(&answer.secrets));",
        "problem;",
        ERROR_SHAPES,
    ),
    mutant(
        "a token is shown where JSON escapes it",
        "sdk/runtime/src/auth/conceal.rs",
        "b'\\\\' => backslash(text, character),",
        "b'\\\\' => None,",
        ERROR_SHAPES,
    ),
    mutant(
        "what a server says is more than one line",
        "sdk/runtime/src/quote.rs",
        "        let _ = escape(character, &mut quoted);\n",
        "        quoted.push(character);\n",
        ERROR_SHAPES,
    ),
    mutant(
        "the token is shown in logs of headers",
        "sdk/runtime/src/auth/mod.rs",
        "header.set_sensitive(true);",
        "header.set_sensitive(false);",
        SECRETS,
    ),
    mutant(
        "a recording repeats the token",
        "sdk/runtime/src/record/redact.rs",
        "let secrets: Vec<&str> = self.secrets.iter().map(String::as_str).collect();",
        "let secrets: Vec<&str> = Vec::new();",
        RECORDING,
    ),
    mutant(
        "a client follows redirects",
        "sdk/runtime/src/transport/http.rs",
        "builder.redirect(reqwest::redirect::Policy::none())",
        "builder",
        HTTP_SETTINGS,
    ),
    mutant(
        "an answer is read however large it is",
        "sdk/runtime/src/transport/body.rs",
        "if size <= self.size {",
        "if size <= u64::MAX {",
        HTTP_SETTINGS,
    ),
    mutant(
        "a hook sets any header",
        "sdk/runtime/src/hook.rs",
        "if OURS.contains(&header) {",
        "if OURS.is_empty() {",
        HOOKS,
    ),
    mutant(
        "a result is asked for anywhere",
        "sdk/runtime/src/endpoint.rs",
        "if !is_of_api && !has_public_name(&url) {",
        "if !is_of_api && !has_public_name(&url) && text.is_empty() {",
        ASYNC_RESULTS,
    ),
    // Limits and retries.
    mutant(
        "a mutation is sent again after 503",
        "sdk/runtime/src/exchange.rs",
        "Some(502..=504) => self.repeatable || error.is_not_executed(),",
        "Some(502..=504) => true,",
        SESSION,
    ),
    mutant(
        "a mutation is sent again after a cut connection",
        "sdk/runtime/src/exchange.rs",
        "_ => error.is_unanswered() && (self.repeatable || error.is_not_executed()),",
        "_ => error.is_unanswered(),",
        SESSION,
    ),
    mutant(
        "what was sent before leaves no doubt",
        "sdk/runtime/src/exchange.rs",
        "self.in_doubt = true;",
        "",
        SESSION,
    ),
    mutant(
        "a stream that was cancelled counts as not processed",
        "sdk/runtime/src/transport/http.rs",
        "error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM)",
        "error.is_reset()",
        SESSION,
    ),
    mutant(
        "the transport sends again by itself",
        "sdk/runtime/src/transport/http.rs",
        "builder = builder.retry(reqwest::retry::never()).no_gzip();",
        "builder = builder.no_gzip();",
        SESSION,
    ),
    mutant(
        "every document counts as a query",
        "sdk/runtime/src/exchange.rs",
        "repeatable: kind == OperationType::Query,",
        "repeatable: true,",
        SESSION,
    ),
    mutant(
        "the way to the server takes no time",
        "sdk/runtime/src/limits/burst.rs",
        "now + TRANSIT + burst.window",
        "now + burst.window",
        SESSION,
    ),
    mutant(
        "a call that nobody polls keeps its turn",
        "sdk/runtime/src/limits/burst.rs",
        "const KEPT: Duration = Duration::from_millis(200);",
        "const KEPT: Duration = Duration::from_secs(200);",
        SESSION,
    ),
    mutant(
        "a late answer frees the slot of another request",
        "sdk/runtime/src/limits/burst.rs",
        "if ends >= until || !state.taken.remove(&(until, number)) {",
        "state.taken.pop_first();\n            if ends >= until {",
        SESSION,
    ),
    mutant(
        "a later word shortens a refusal",
        "sdk/runtime/src/limits/mod.rs",
        "hourly.refuses_until.max(until)",
        "until",
        SESSION,
    ),
    mutant(
        "a queue is sent into a refusal",
        "sdk/runtime/src/pool/turn.rs",
        "Some((user, slot)) => self.turn_of(user, slot, tried),",
        "Some((user, slot)) => Some((user, slot)),",
        SESSION,
    ),
    mutant(
        "of equal tokens the first is always taken",
        POOL,
        "preferred.then(rest).then(score).then(self.last_pick.cmp(&other.last_pick))",
        "preferred.then(rest).then(score)",
        SESSION,
    ),
    mutant(
        "a token that was refused never comes back",
        POOL,
        ".filter(|until| *until > now)",
        ".filter(|_| true)",
        SESSION,
    ),
    mutant(
        "tokens of one user have limits of their own",
        "sdk/runtime/src/pool/given.rs",
        "token.user.is_some() && *user == &token.user",
        "token.user.is_some() && *user == &token.user && false",
        SESSION,
    ),
    mutant(
        "the other tokens of a pool are shown",
        "sdk/runtime/src/session.rs",
        "signatures.extend(self.pool.held());",
        "",
        SESSION,
    ),
    mutant(
        "everybody makes a token call",
        "sdk/runtime/src/auth/oauth.rs",
        "state.under_way = Arc::downgrade(&call);",
        "",
        SESSION,
    ),
    mutant(
        "the token goes wherever the next page is said to be",
        "sdk/runtime/src/rest/next.rs",
        "if origin(&next) != origin(current) {",
        "if false {",
        SESSION,
    ),
    mutant(
        "pages of the REST interface run in a circle",
        "sdk/runtime/src/webhooks_api/list.rs",
        "if self.followed.contains(&next) {",
        "if false {",
        SESSION,
    ),
    mutant(
        "a change through the REST interface is sent again on doubt",
        "sdk/runtime/src/rest/mod.rs",
        "let kind = if method == Method::GET {",
        "let kind = if method != Method::PUT {",
        SESSION,
    ),
    mutant(
        "a server repeats the password in the address of a webhook",
        "sdk/runtime/src/webhooks_api/call.rs",
        "secrets: fields.secrets()",
        "secrets: Vec::new()",
        SESSION,
    ),
    mutant(
        "a policy is made that no receiver can verify",
        "sdk/src/signed_webhook.rs",
        "Algorithm::try_from(&WebhookPolicyJwtAlg::from(&**algorithm))?;",
        "let _ = algorithm;",
        SIGNED_WEBHOOKS,
    ),
    mutant(
        "a call outlasts its limit",
        "sdk/runtime/src/exchange.rs",
        "Some(limit) => timeout(limit, run).await",
        "Some(limit) => timeout(limit * 20, run).await",
        FAULTS,
    ),
    mutant(
        "a token that the server repeats is quoted",
        "sdk/runtime/src/answer.rs",
        "to_str().ok().map(|id| secrets.quote(id, BRIEF))",
        "to_str().ok().map(str::to_owned)",
        RANDOM_FAULTS,
    ),
    mutant(
        "a mutation that a limit may have cut short is sent again",
        "sdk/runtime/src/exchange.rs",
        "self.limited = Some(self.repeatable || is_refusal);",
        "self.limited = Some(true);",
        SESSION,
    ),
    mutant(
        "pages end where the server names no cursor",
        PAGER,
        "if page_info.is_open() && left != Some(0) {",
        "if page_info.is_open() && left.is_some_and(|left| left > 0) {",
        PAGINATION,
    ),
    mutant(
        "a fault for one user meets them all",
        "sandbox/src/fault.rs",
        "&& fits(&self.user, request.user)",
        "",
        FAULTING,
    ),
    mutant(
        "pages of the sandbox are never too long",
        "sandbox/src/connection.rs",
        "end = end.min(start.saturating_add(first).saturating_add(more));",
        "end = end.min(start.saturating_add(first));",
        FAULTING,
    ),
    mutant(
        "answers that overtake each other bring a budget back",
        "sdk/runtime/src/limits/budget.rs",
        "self.remaining.into_iter().chain(remaining).min()",
        "remaining",
        SESSION,
    ),
    // Scalars.
    mutant(
        "String is trimmed",
        FIELD,
        "decoder.string(\"String\")?.clone_into(self);",
        "decoder.string(\"String\")?.trim().clone_into(self);",
        DECODER,
    ),
    mutant(
        "ID loses leading zeros",
        "sdk/runtime/src/scalar/id.rs",
        "decoder.string(\"ID\")?.clone_into(&mut self.0);",
        "decoder.string(\"ID\")?.trim_start_matches('0').clone_into(&mut self.0);",
        DECODER,
    ),
    mutant(
        "Int is cut to 32 bits",
        FIELD,
        "*self = decoder.integer(\"Int\")?;",
        "*self = i64::from(decoder.integer(\"Int\")? as i32);",
        DECODER,
    ),
    mutant(
        "Int of 19 digits is refused",
        READER,
        "digits.parse().map_err(|_|",
        "None::<i64>.ok_or(0).map_err(|_|",
        DECODER,
    ),
    mutant(
        "Float is cut to 32 bits",
        FIELD,
        "*self = decoder.float(\"Float\")?;",
        "*self = f64::from(decoder.float(\"Float\")? as f32);",
        DECODER,
    ),
    mutant(
        "Boolean is negated",
        FIELD,
        "*self = decoder.boolean(\"Boolean\")?;",
        "*self = !decoder.boolean(\"Boolean\")?;",
        DECODER,
    ),
    mutant(
        "Decimal goes through a float",
        DECIMAL,
        "*self = parse(text).ok_or_else(",
        "*self = text.parse().ok().and_then(|float: f64| Decimal::try_from(float).ok()).ok_or_else(",
        DECODER,
    ),
    mutant(
        "Decimal is rounded to fit",
        DECIMAL,
        "Decimal::from_str_exact(mantissa).ok()?",
        "mantissa.parse::<Decimal>().ok()?",
        DECODER,
    ),
    mutant("Decimal's exponent overflows", DECIMAL, ".checked_sub(exponent)?", " - exponent", EXPONENTS),
    mutant(
        "Date takes other forms of ISO 8601",
        TIME,
        "if shape { text.parse().ok() } else { None }",
        "if shape || true { text.parse().ok() } else { None }",
        DECODER,
    ),
    mutant(
        "Date is the first of its month",
        TIME,
        "if shape { text.parse().ok() } else { None }",
        "if shape { text.parse().ok().map(Date::first_of_month) } else { None }",
        DECODER,
    ),
    mutant("Time 24:00 is refused", TIME, "if in_day || (hour == 24", "if in_day || (hour == 25", DECODER),
    mutant(
        "two of Timestamp's words swapped",
        TIME,
        "\"best_effort\" => return Some(Timestamp::BestEffort),\n        \"no_target\" => return Some(Timestamp::NoTarget),",
        "\"no_target\" => return Some(Timestamp::BestEffort),\n        \"best_effort\" => return Some(Timestamp::NoTarget),",
        DECODER,
    ),
    mutant(
        "Timestamp's offset is dropped",
        TIME,
        "Some(Timestamp::At(instant, offset))",
        "Some(Timestamp::At(instant, Offset::UTC))",
        DECODER,
    ),
    mutant(
        "Timestamp's offset is ignored",
        TIME,
        "let instant = offset.to_timestamp(",
        "let instant = Offset::UTC.to_timestamp(",
        DECODER,
    ),
    mutant(
        "Timestamp takes other forms of ISO 8601",
        TIME,
        "if !has_rfc_3339_shape(text.as_bytes()) {",
        "if text.len() < 11 {",
        DECODER,
    ),
    mutant(
        "JSON is read and written again",
        JSON,
        "self.0 = decoder.raw()?.into();",
        "self.0 = serde_json::from_str::<serde_json::Value>(decoder.raw()?).unwrap_or_default().to_string().into();",
        DECODER,
    ),
    mutant(
        "an unknown value of an enum is lost",
        "sdk/runtime/src/open_enum.rs",
        "None => T::unrecognized(text.to_owned()),",
        "None => T::unrecognized(String::new()),",
        DECODER,
    ),
    // The engine.
    mutant(
        "a missing field is not noticed",
        READER,
        "match seen.first_missing() {",
        "match seen.first_missing().filter(|_| false) {",
        DECODER,
    ),
    mutant(
        "a missing field is not noticed, against serde",
        READER,
        "match seen.first_missing() {",
        "match seen.first_missing().filter(|_| false) {",
        AGREEMENT,
    ),
    mutant(
        "null is an empty text",
        READER,
        "if peek != Peek::String {",
        "if peek == Peek::Null {\n            at(self.base, self.json.known_null())?;\n            return Ok(\"\");\n        }\n        if peek != Peek::String {",
        DECODER,
    ),
    mutant(
        "a key may occur twice",
        READER,
        "if !seen.insert(index) {",
        "if !seen.insert(index) && false {",
        DECODER,
    ),
    mutant(
        "a key may occur twice, against serde",
        READER,
        "if !seen.insert(index) {",
        "if !seen.insert(index) && false {",
        AGREEMENT,
    ),
    mutant(
        "fields beyond the 320th share a bit",
        READER,
        "&mut self.far[index / 64 - Self::WORDS]",
        "&mut self.far[0]",
        DECODER,
    ),
    mutant(
        "no limit of depth",
        READER,
        "if self.depth > MAX_DEPTH {",
        "if self.depth > 4 * MAX_DEPTH {",
        DECODER,
    ),
    mutant(
        "the limit of depth is one off",
        READER,
        "if self.depth > MAX_DEPTH {",
        "if self.depth >= MAX_DEPTH {",
        DECODER,
    ),
    mutant(
        "text after the value is accepted",
        "sdk/runtime/src/decode/mod.rs",
        "decoder.finish()?;",
        "",
        DECODER,
    ),
    mutant(
        "the path of an error is reversed",
        ERROR,
        "self.0.reversed_path.iter().rev()",
        "self.0.reversed_path.iter()",
        DECODER,
    ),
    mutant(
        "the index in a path is one off",
        READER,
        "error.at_index(index))?;",
        "error.at_index(index + 1))?;",
        DECODER,
    ),
    mutant(
        "an error names the outermost type",
        ERROR,
        "self.0.object.get_or_insert(object);",
        "self.0.object = Some(object);",
        DECODER,
    ),
    // Inputs and serde.
    mutant(
        "null is not sent",
        VALUE,
        "pub fn set(&mut self, name: &'static str, value: InputValue) {",
        "pub fn set(&mut self, name: &'static str, value: InputValue) {\n        if matches!(value, InputValue::Null) {\n            return;\n        }",
        DECODER,
    ),
    mutant(
        "a decimal is sent as a text",
        VALUE,
        "InputValue::Decimal(value) if wire => {",
        "InputValue::Decimal(value) if wire && false => {",
        DECODER,
    ),
    mutant(
        "Deserialize goes through a tree of values",
        "sdk/runtime/src/serde_impls.rs",
        "from_slice(json.get().as_bytes()).map_err(",
        "from_slice(serde_json::from_str::<serde_json::Value>(json.get()).unwrap_or_default().to_string().as_bytes()).map_err(",
        DECODER,
    ),
    // Selections of the user's own, and batches.
    mutant(
        "keys of variants are read without their beginning",
        READER,
        "self.prefix = prefix;",
        "let _ = prefix;",
        SELECTIONS,
    ),
    mutant(
        "a field's own key is not written",
        DOCUMENT,
        "push(text, &[\" \", prefix, name, \": \", field]),",
        "push(text, &[\" \", prefix, field]),",
        SELECTIONS,
    ),
    mutant(
        "the first of several flattened selections is not asked for",
        DOCUMENT,
        "Selection::Flattened(parts) => parts.iter().for_each",
        "Selection::Flattened(parts) => parts.iter().skip(1).for_each",
        SELECTIONS,
    ),
    mutant(
        "the nodes of a nested connection are counted once",
        "sdk/runtime/src/select/mod.rs",
        "times.saturating_mul(each)",
        "if times > 0 { each } else { 0 }",
        SELECTIONS,
    ),
    mutant(
        "the errors of a batch are given to the next call",
        "sdk/runtime/src/batch/mod.rs",
        "index_of(error) == Some(index)",
        "index_of(error) == Some(index + 1)",
        BATCHES,
    ),
    mutant(
        "a refused change of a batch counts as done",
        "sdk/runtime/src/batch/item.rs",
        "reported.into_result(name)?;",
        "let _ = reported.into_result(name);",
        BATCHES,
    ),
    // Names and files.
    mutant(
        "a name that a schema adds takes that of another one",
        "generator/src/names.rs",
        "Some(first) => Err(Error::Collision { first, second: path.to_owned(), name }),",
        "Some(_) => Ok(name),",
        GROWING,
    ),
    mutant(
        "generated source is written beside the files of somebody else",
        "xtask/src/folder.rs",
        "Some(path) if !is_own => {",
        "Some(path) if !is_own && path.as_os_str().is_empty() => {",
        TASKS,
    ),
    // Pages.
    mutant(
        "a page fetched ahead goes on when its stream is dropped",
        "sdk/runtime/src/pager/fetch.rs",
        "        self.0.abort();\n",
        "",
        STREAMING,
    ),
    mutant(
        "the request for the page ahead waits until its consumer waits",
        PAGER,
        "std::mem::take(&mut self.sets_out).then(",
        "false.then(",
        STREAMING,
    ),
    mutant(
        "the request ahead waits until the page before it is read",
        PAGER,
        "if unread.1.poll_setting_out(context).is_pending() {",
        "if unread.1.poll_setting_out(context).is_pending() && false {",
        ASKING_AHEAD,
    ),
    mutant(
        "a page is asked for early that a limit may leave out",
        PAGER,
        "left.saturating_sub(asked) >= self.page_size",
        "left >= self.page_size",
        ASKING_AHEAD,
    ),
    mutant(
        "a cursor that comes back is asked for before that is noticed",
        PAGER,
        "if self.cursors.contains(&cursor) {",
        "if false {",
        ASKING_AHEAD,
    ),
    mutant(
        "a page is fetched ahead that the limit leaves out",
        PAGER,
        "page_info.has_next_page && left != Some(0)",
        "page_info.has_next_page",
        STREAMING,
    ),
    mutant(
        "a position is at the end of the page that was begun",
        PAGER,
        "skip: self.end - not_taken }",
        "skip: self.end }",
        RESUMING,
    ),
    mutant(
        "records of a second page are not passed over",
        PAGER,
        "{ self.next.skip - kept.start } else { 0 }",
        "{ 0 } else { 0 }",
        RESUMING,
    ),
    mutant(
        "a limit begins anew when a stream is resumed",
        PAGER,
        "left: paging.limit.map(|limit| limit.saturating_sub(taken)),",
        "left: paging.limit,",
        RESUMING,
    ),
    mutant(
        "the position of any query of the same root field will do",
        "sdk/runtime/src/pager/position.rs",
        "} else if self.query != query {",
        "} else if self.query != query && root.is_empty() {",
        RESUMING,
    ),
    mutant(
        "a page is asked for again although data came",
        "sdk/runtime/src/pager/too_large.rs",
        "error.partial_data().is_none_or(is_empty)",
        "error.partial_data().is_none_or(|_| true)",
        PAGE_SIZES,
    ),
    mutant(
        "what a batch lost to another call is missing",
        "sdk/runtime/src/batch/member.rs",
        "return self.pager.ask_again();",
        "return self.end(Ok(()));",
        BATCH_PAGES,
    ),
    // Lists of which all is wanted.
    mutant(
        "one cursor for all parents",
        FILL,
        "variables.insert(format!(\"{alias}_after\"), value(gap.next()));",
        "variables.insert(format!(\"{alias}_after\"), value(self.gaps[asked[0]].next()));",
        COMPLETING,
    ),
    mutant(
        "further pages without the arguments of the first",
        DOCUMENT,
        "if !pages.arguments.is_empty() {",
        "if !pages.arguments.is_empty() && text.starts_with(\"query\") {",
        COMPLETING,
    ),
    mutant(
        "a cursor that comes back is followed",
        FILL,
        "if !self.gaps[gap].cursors.insert(&cursor) {",
        "if !self.gaps[gap].cursors.insert(&cursor) && false {",
        COMPLETING,
    ),
    mutant(
        "a parent that is gone has no more nodes",
        FILL,
        "_ if reported || general => continue,",
        "_ if reported || general => continue,\n                Some(Found::Nothing) => continue,",
        COMPLETING,
    ),
    mutant(
        "the last further page first",
        "sdk/runtime/src/complete/assemble.rs",
        "for (text, nodes) in &gap.further {",
        "for (text, nodes) in gap.further.iter().rev() {",
        COMPLETING,
    ),
    // Webhooks: what was answered is durable, and handled by one worker at a time.
    mutant(
        "a delivery is answered before it is on the disk",
        "receiver/src/inbox/sqlite/file.rs",
        "\"synchronous\", \"FULL\"",
        "\"synchronous\", \"OFF\"",
        INBOX_FILE,
    ),
    mutant(
        "a delivery is answered when it waits for its turn to be stored",
        "receiver/src/inbox/sqlite/mod.rs",
        "Box::pin(self.send(run, |stored| stored, Effects { wakes: true, acknowledges: true }))",
        "{ let inbox = self.clone(); \
           tokio::spawn(async move { inbox.run_and_wake(run).await }); \
           Box::pin(async { Ok(Stored::New) }) }",
        KILLED,
    ),
    mutant(
        "a delivery is answered that went to a deleted file",
        "receiver/src/inbox/sqlite/mark.rs",
        "if is_in_place { Ok(()) }",
        "if is_in_place || true { Ok(()) }",
        ENDPOINT,
    ),
    mutant(
        "a damaged log is opened as if nothing was lost",
        "receiver/src/inbox/sqlite/mark.rs",
        "if marked <= stored {",
        "if marked <= stored || stored > 0 {",
        INBOX,
    ),
    mutant(
        "strangers flood the log",
        "receiver/src/log.rs",
        "if window.lines >= LINES {",
        "if window.lines >= LINES * 100 {",
        ENDPOINT,
    ),
    mutant(
        "a handler that never returns keeps its place",
        "receiver/src/worker/attempt.rs",
        "timeout(limit, (self.handler)(delivery))",
        "timeout(limit * 10_000, (self.handler)(delivery))",
        WORKER,
    ),
    mutant(
        "what a dead process had taken stays with it",
        "receiver/src/inbox/sqlite/file.rs",
        "WHERE state < 2 AND due > ?1",
        "WHERE state < 1 AND due > ?1",
        INBOX,
    ),
    mutant(
        "any lease on a delivery can be renewed",
        INBOX_QUERIES,
        "SET due = ?3 WHERE id = ?1 AND lease = ?2",
        "SET due = ?3 WHERE id = ?1 AND lease >= ?2",
        INBOX,
    ),
    mutant(
        "a delivery that waits for its next attempt is overtaken",
        INBOX_QUERIES,
        "AND earlier.id < this.id",
        "AND earlier.id < this.id AND earlier.due <= :now",
        INBOX,
    ),
    mutant(
        "what waits behind a dead letter is held for ever",
        "receiver/src/inbox/sqlite/schema.rs",
        "WHEN OLD.state < 2 AND NEW.state > 1",
        "WHEN OLD.state < 2 AND NEW.state = 2",
        INBOX,
    ),
    mutant(
        "a dead letter that is pending again is held for ever",
        INBOX_QUERIES,
        "attempts = 0, held = 0 WHERE",
        "attempts = 0 WHERE",
        INBOX,
    ),
    mutant(
        "the check remembers a delivery that was not stored",
        "receiver/src/receiver/service.rs",
        "if answer == Answer::Stored {",
        "if answer != Answer::Refused {",
        ENDPOINT,
    ),
    mutant(
        "a worker that stops waits for its handlers and gives nothing back",
        "receiver/src/worker/pump.rs",
        "self.cancel(Cancel::GiveBack, |_| true);",
        "self.cancel(Cancel::GiveBack, |_| false);",
        WORKER,
    ),
    // Webhooks: each of these lets a stranger in.
    mutant(
        "any signature of a webhook is good",
        "sdk/runtime/src/webhook/verifier.rs",
        "settings.check_signature(&token, &claims.issuer).await?;",
        "if token.signature.is_empty() { settings.check_signature(&token, &claims.issuer).await?; }",
        WEBHOOK,
    ),
    mutant(
        "an issuer whose path begins alike is the same",
        "sdk/runtime/src/webhook/issuer.rs",
        "segments.next() == Some(segment)",
        "segments.next().is_some_and(|found| found.starts_with(segment))",
        WEBHOOK,
    ),
    mutant(
        "a used token is forgotten before it expires",
        "sdk/runtime/src/webhook/claims.rs",
        ".max(SHORTEST)",
        ".min(SHORTEST)",
        WEBHOOK,
    ),
    mutant(
        "made-up issuers use up the requests for those that come again",
        "sdk/runtime/src/webhook/budget.rs",
        "let admitted = came_before && ",
        "let admitted = (came_before || self.asked > 0) && ",
        WEBHOOK,
    ),
    mutant(
        "a new key under an old name is refused until the old one expires",
        "sdk/runtime/src/webhook/keys.rs",
        "Err(reason) => refused = Some(reason),",
        "Err(reason) => return Err(reason.into()),",
        WEBHOOK,
    ),
    mutant(
        "private addresses are asked for keys",
        "sdk/runtime/src/webhook/fetch.rs",
        "is_public(host) || (self.loopback && host.is_loopback())",
        "is_public(host) || host.is_ipv4() || host.is_ipv6() || self.loopback",
        WEBHOOK,
    ),
    mutant(
        "redirects of issuers are followed",
        "sdk/runtime/src/webhook/fetch.rs",
        "reqwest::redirect::Policy::none()",
        "reqwest::redirect::Policy::default()",
        WEBHOOK,
    ),
    // Webhooks: a sandbox that publishes too much or too little judges no receiver.
    mutant(
        "a webhook is verified at any URI once it was at one",
        HANDSHAKE,
        "proved.is_some_and(|proved| proved == uri(webhook))",
        "proved.is_some()",
        DELIVERING,
    ),
    mutant(
        "a code is good for ever",
        HANDSHAKE,
        "now() < sent.code.expires_at",
        "sent.code.expires_at > 0",
        DELIVERING,
    ),
    mutant(
        "a repetition does not name the first attempt",
        DELIVER,
        "number > 1 || job.origin.is_some()",
        "job.origin.is_some()",
        DELIVERING,
    ),
    mutant(
        "a delivery follows redirects",
        DELIVER,
        "redirect(Policy::none())",
        "redirect(Policy::default())",
        DELIVERING,
    ),
    mutant(
        "an empty list of values selects records without a value",
        "sdk/runtime/src/input/filter.rs",
        "InputValue::List(items) if items.is_empty() => {",
        "InputValue::List(items) if items.is_empty() && negate => {",
        FILTERS,
    ),
    mutant(
        "an empty list of values of a custom filter is sent",
        "sdk/runtime/src/input/filter.rs",
        "if values.is_empty())",
        "if values.len() == usize::MAX)",
        FILTERS,
    ),
    mutant(
        "an empty list of values is read from JSON",
        "sdk/runtime/src/input/check.rs",
        "                    [] => {",
        "                    [InputValue::Null, ..] if values.len() > 9 => {",
        FILTERS,
    ),
    mutant(
        "what waits for a disabled webhook is delivered",
        DELIVER,
        "store.get(&job.webhook).filter(|webhook| job.is_test || !is_disabled(webhook))?",
        "store.get(&job.webhook)?",
        DELIVERING,
    ),
    mutant(
        "an update that changes nothing is told",
        "sandbox/src/webhook/change.rs",
        r#"Some(_) => *name != "updatedAt","#,
        "Some(_) => true,",
        ANNOUNCING,
    ),
    mutant(
        "a key that was replaced is no longer published",
        POLICY,
        "self.keys().entry(policy.key.clone()).or_default().push(Arc::new(key));",
        "self.keys().insert(policy.key.clone(), vec![Arc::new(key)]);",
        PUBLISHING,
    ),
    mutant(
        "a key that was retired is published",
        POLICY,
        "keys.len().saturating_sub(1)",
        "keys.len().min(0)",
        PUBLISHING,
    ),
    mutant(
        "keys are published in plain text",
        "sandbox/src/server.rs",
        "is_secure: false",
        "is_secure: true",
        PUBLISHING,
    ),
    mutant(
        "one handshake waits for another",
        "sandbox/src/server/wire.rs",
        "self.handshakes.join_next() => {",
        "self.handshakes.join_next(), if self.handshakes.len() < 2 => {",
        PUBLISHING,
    ),
];

/// The copy of the workspace.
struct Copy {
    folder: PathBuf,
}

impl Copy {
    /// Brings the copy up to date. A file that is the same is left alone, for cargo goes by times.
    fn update() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants");
        let listed = Command::new("git")
            .args(["ls-files", "-co", "--exclude-standard", "-z"])
            .current_dir(root)
            .output()
            .unwrap();
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        let listed = String::from_utf8(listed.stdout).unwrap();
        // Git also lists what was deleted and not committed yet.
        let names: HashSet<&str> =
            listed.split_terminator('\0').filter(|name| root.join(name).is_file()).collect();
        assert!(names.contains("Cargo.toml"), "git lists {} files", names.len());
        let copy = Self { folder };
        for name in &names {
            let (from, to) = (root.join(name), copy.folder.join(name));
            let content = fs::read(from).unwrap();
            if fs::read(&to).ok().as_ref() != Some(&content) {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::write(to, content).unwrap();
            }
        }
        copy.remove_all_but(&names, &copy.folder);
        copy
    }

    fn remove_all_but(&self, names: &HashSet<&str>, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path != self.target() {
                    self.remove_all_but(names, &path);
                }
            } else if !names.contains(path.strip_prefix(&self.folder).unwrap().to_str().unwrap()) {
                fs::remove_file(path).unwrap();
            }
        }
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// Runs a part of the suite: whether it passed, and everything it said. Code that is broken on purpose
    /// can run in a circle, so everything is killed after [`LONGEST`].
    fn run(&self, suite: Suite) -> (bool, String) {
        let child = Command::new(env!("CARGO"))
            .args(suite)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.target())
            // A failing snapshot must not be written anywhere, nor a backtrace be waited for.
            .env("INSTA_UPDATE", "no")
            .env("RUST_BACKTRACE", "0")
            // What nobody debugs is linked sooner, and takes less of the disk.
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            // Nearly the same is built a hundred times, whatever is best for a single build.
            .env("CARGO_INCREMENTAL", "1")
            .env_remove("RUSTFLAGS")
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let group = format!("-{}", child.id());
        let (ended, end) = mpsc::channel::<()>();
        let killer = thread::spawn(move || {
            let is_late = end.recv_timeout(LONGEST) == Err(RecvTimeoutError::Timeout);
            is_late && Command::new("kill").args(["-KILL", "--", &group]).status().is_ok()
        });
        let output = child.wait_with_output().unwrap();
        drop(ended);
        let mut said =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        if killer.join().unwrap() {
            said.push_str(OUT_OF_TIME);
        }
        (output.status.success(), said)
    }

    /// Whether the suite is there: the mutants wait for the tests that kill them.
    fn has(&self, suite: Suite) -> bool {
        suite != FIRST_CALLS || self.folder.join("tests/tests/first_calls.rs").is_file()
    }

    /// Who killed the mutant, or why nobody did.
    fn try_out(&self, mutant: &Mutant) -> Result<String, String> {
        let path = self.folder.join(mutant.file);
        let original = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", mutant.file))?;
        let found = original.matches(mutant.from).count();
        if found != 1 {
            return Err(format!("the text to replace is in {} {found} times", mutant.file));
        }
        fs::write(&path, original.replace(mutant.from, mutant.to)).unwrap();
        let (passed, said) = self.run(mutant.killed_by);
        fs::write(&path, original).unwrap();
        if passed {
            return Err("survived".to_owned());
        }
        if said.ends_with(OUT_OF_TIME) {
            return Ok(OUT_OF_TIME.trim().to_owned());
        }
        if !said.contains("test result: FAILED") && !said.contains("panicked") {
            return Err(format!("no test failed\n{said}"));
        }
        let mut killers: Vec<&str> =
            said.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED")).collect();
        killers.sort_unstable();
        match killers[..] {
            [] => Err(format!("no test failed\n{said}")),
            [one] => Ok(one.to_owned()),
            [first, ..] => Ok(format!("{first} and {} more", killers.len() - 1)),
        }
    }
}

#[test]
#[ignore = "builds the workspace once per mutant; run by .ci/run"]
fn every_mutant_is_killed() {
    let copy = Copy::update();
    let mut names = HashSet::new();
    assert!(MUTANTS.iter().all(|mutant| names.insert(mutant.name)), "two mutants have one name");
    for suite in [
        DECODER,
        AGREEMENT,
        EXPONENTS,
        SNAPSHOTS,
        FIRST_CALLS,
        EVERY_OPERATION,
        SECRETS,
        SELECTIONS,
        BATCHES,
        STREAMING,
        RESUMING,
        PAGE_SIZES,
        BATCH_PAGES,
        COMPLETING,
        SESSION,
        FAULTS,
        RANDOM_FAULTS,
        FAULTING,
        UPLOADS,
        HTTP_SETTINGS,
        HOOKS,
        ASYNC_RESULTS,
        RECORDING,
        WEBHOOK,
        SIGNED_WEBHOOKS,
    ] {
        if copy.has(suite) {
            let started = Instant::now();
            let (passed, said) = copy.run(suite);
            assert!(passed, "without a mutant, cargo {suite:?} fails\n{said}");
            println!(
                "{:>4} s  passes without a mutant: {}",
                started.elapsed().as_secs(),
                suite[1..].join(" ")
            );
        }
    }
    let mut survivors = Vec::new();
    for mutant in MUTANTS {
        let started = Instant::now();
        let result = if copy.has(mutant.killed_by) {
            copy.try_out(mutant)
        } else {
            Err(format!("there is no {}", mutant.killed_by[1..].join(" ")))
        };
        let time = started.elapsed().as_secs();
        match result {
            Ok(killer) => println!("{time:>4} s  {:<50} {killer}", mutant.name),
            Err(reason) => {
                println!("{time:>4} s  {:<50} NOT KILLED: {reason}", mutant.name);
                survivors.push(mutant.name);
            }
        }
    }
    assert!(survivors.is_empty(), "not killed: {survivors:?}");
}
