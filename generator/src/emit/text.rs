//! Source text, line by line.

use super::docs;
use crate::ir::{Doc, RustType};
use std::fmt::Display;

/// No line is longer where it can be broken.
const WIDTH: usize = 110;

/// Source text that is indented by four spaces for each open brace.
#[derive(Default)]
pub(crate) struct Text {
    text: String,
    depth: usize,
}

impl Text {
    pub(super) fn line(&mut self, line: &str) {
        self.text.extend(std::iter::repeat_n("    ", self.depth));
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub(super) fn empty(&mut self) {
        self.text.push('\n');
    }

    /// A line after which the next ones are indented.
    pub(super) fn open(&mut self, line: &str) {
        self.line(line);
        self.depth += 1;
    }

    pub(super) fn close(&mut self, line: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(line);
    }

    pub(super) fn indented(&mut self, print: impl FnOnce(&mut Self)) {
        self.depth += 1;
        print(self);
        self.depth -= 1;
    }

    /// Continues the last line, in a line of its own where it would become too long.
    pub(super) fn and(&mut self, more: &str) {
        self.unbreak();
        let last = self.text.rsplit('\n').next().unwrap_or_default().len();
        if last + more.len() < WIDTH {
            self.text.push_str(more);
            self.text.push('\n');
            return;
        }
        let (comma, more) = match more.strip_prefix(", ") {
            Some(more) => (",", more),
            None => ("", more.trim_start()),
        };
        self.text.push_str(comma);
        self.text.push('\n');
        self.depth += 1;
        self.line(more);
        self.depth -= 1;
    }

    /// Ends the last line.
    pub(super) fn end(&mut self, end: &str) {
        self.unbreak();
        self.text.push_str(end);
        self.text.push('\n');
    }

    fn unbreak(&mut self) {
        if self.text.ends_with('\n') {
            self.text.pop();
        }
    }

    fn fits(&self, line: &str) -> bool {
        self.depth * 4 + line.len() <= WIDTH
    }

    pub(super) fn docs(&mut self, doc: &Doc) {
        self.described(doc.description.as_deref(), doc.deprecation.as_deref());
    }

    /// What the schema says about an item, and whether it is deprecated.
    pub(super) fn described(&mut self, description: Option<&str>, deprecation: Option<&str>) {
        for line in description.iter().flat_map(|text| docs::lines(text)) {
            match line.is_empty() {
                true => self.line("///"),
                false => self.line(&format!("/// {line}")),
            }
        }
        let deprecated = deprecated(deprecation);
        if !deprecated.is_empty() {
            self.line(deprecated.trim_end());
        }
    }

    /// The page about an item, behind its declaration.
    pub(super) fn see(&mut self, doc: &Doc) {
        if let Some(link) = &doc.link {
            self.and(&format!(", see {}", literal(link)));
        }
    }

    pub(crate) fn into_string(self) -> String {
        self.text
    }
}

/// A list with what stands before and behind it, in as few lines as it fits into.
pub(crate) fn list(text: &mut Text, start: &str, items: &[impl Display], end: &str) {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    let line = format!("{start}{}{end}", items.join(", "));
    if text.fits(&line) {
        return text.line(&line);
    }
    text.open(start);
    let mut line = String::new();
    for item in items {
        let longer = if line.is_empty() { format!("{item},") } else { format!("{line} {item},") };
        if text.fits(&longer) || line.is_empty() {
            line = longer;
        } else {
            text.line(&line);
            line = format!("{item},");
        }
    }
    text.line(&line);
    text.close(end);
}

/// The attribute `#[deprecated]` and a space, or nothing if there is no reason.
pub(crate) fn deprecated(reason: Option<&str>) -> String {
    reason
        .map(|reason| format!("#[deprecated(note = {})] ", literal(&docs::note(reason))))
        .unwrap_or_default()
}

/// A literal, with everything escaped that is not seen.
pub(super) fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// The literal of what a schema declares. It is shown in a span of code as well.
pub(super) fn declared(text: &str) -> String {
    literal(&docs::visible(&text.replace('`', "\\u{60}")))
}

/// `"name": "Type" = "default"` for the signature `name: Type = default`.
pub(super) fn signature(line: &str) -> String {
    let (name, ty) = line.split_once(": ").unwrap_or((line, ""));
    let (ty, default) = match ty.split_once(" = ") {
        Some((ty, default)) => (ty, format!(" = {}", declared(default))),
        None => (ty, String::new()),
    };
    format!("{}: {}{default}", declared(name), declared(ty))
}

pub(crate) fn rust_type(ty: &RustType) -> String {
    match ty {
        RustType::Scalar(kind) => kind.rust_type().to_owned(),
        RustType::Path(path) if path.starts_with("crate::") => path.clone(),
        RustType::Path(path) => format!("::{path}"),
        RustType::Generated(name) => name.clone(),
        RustType::Ref(name, id) if id.is_id() => format!("rt::Ref<{name}>"),
        RustType::Ref(name, id) => format!("rt::Ref<{name}, {}>", rust_type(id)),
        RustType::Nodes { node, shape: None, .. } => format!("[{node}]"),
        RustType::Nodes { node, shape: Some(shape), whole } => {
            let whole = whole.as_ref().map(|whole| format!(" as {whole}")).unwrap_or_default();
            format!("[{node}; {shape}{whole}]")
        }
        RustType::Filter { values, ranges: false } => format!("rt::Filter<{}>", rust_type(values)),
        RustType::Filter { values, ranges: true } => format!("rt::RangeFilter<{}>", rust_type(values)),
        RustType::List(inner) => format!("Vec<{}>", rust_type(inner)),
        RustType::Nullable(inner) => format!("Option<{}>", rust_type(inner)),
    }
}
