//! Messages of the compiler, as `cargo check --message-format=json` prints them.

use serde::Deserialize;
use std::collections::BTreeSet;

/// A place in a file of the user: that where the outermost macro is used, for code that a macro expands to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Place {
    /// The file, as the compiler names it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// The last line.
    pub last_line: usize,
}

/// A warning or an error.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CompilerMessage {
    /// The package that was compiled, as cargo identifies it.
    pub package: String,
    /// The manifest of the package.
    pub manifest: String,
    /// The kind of its target: `lib`, `bin`, `example`.
    pub target_kind: String,
    /// The name of its target.
    pub target: String,
    /// Whether it is an error.
    pub is_error: bool,
    /// `E0277`, or the name of a lint.
    pub code: Option<String>,
    /// The first line.
    pub text: String,
    /// As a terminal shows it.
    pub rendered: String,
    /// The places that it is about.
    pub places: Vec<Place>,
    /// Further places that it shows.
    pub others: Vec<Place>,
    /// The names in back-ticks in all of its texts.
    pub names: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Line {
    reason: String,
    package_id: Option<String>,
    manifest_path: Option<String>,
    target: Option<Target>,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    message: String,
    code: Option<Code>,
    level: String,
    spans: Vec<Span>,
    children: Vec<Diagnostic>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    line_end: usize,
    column_start: usize,
    is_primary: bool,
    label: Option<String>,
    expansion: Option<Box<Expansion>>,
}

#[derive(Deserialize)]
struct Expansion {
    span: Span,
}

impl Span {
    fn place(&self) -> Place {
        match &self.expansion {
            Some(expansion) => expansion.span.place(),
            None => Place {
                file: self.file_name.clone(),
                line: self.line_start,
                column: self.column_start,
                last_line: self.line_end,
            },
        }
    }
}

impl Diagnostic {
    fn names(&self, names: &mut BTreeSet<String>) {
        let labels = self.spans.iter().filter_map(|span| span.label.as_deref());
        for text in labels.chain([self.message.as_str()]) {
            let quoted = text.split('`').skip(1).step_by(2);
            let is_part = |c: char| c.is_alphanumeric() || c == '_';
            let words = quoted.flat_map(|text| text.split(move |c| !is_part(c)));
            names.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
        }
        self.children.iter().for_each(|child| child.names(names));
    }
}

impl CompilerMessage {
    /// Reads a line of cargo's output. None for other lines than warnings and errors.
    #[must_use]
    pub fn from_json(line: &str) -> Option<Self> {
        let line: Line = serde_json::from_str(line).ok()?;
        if line.reason != "compiler-message" {
            return None;
        }
        let (target, diagnostic) = (line.target?, line.message?);
        let mut names = BTreeSet::new();
        diagnostic.names(&mut names);
        let places = |is_primary| {
            let spans = diagnostic.spans.iter().filter(move |span| span.is_primary == is_primary);
            spans.map(Span::place).collect()
        };
        Some(Self {
            package: line.package_id?,
            manifest: line.manifest_path.unwrap_or_default(),
            target_kind: target.kind.into_iter().next().unwrap_or_default(),
            target: target.name,
            is_error: diagnostic.level.starts_with("error"),
            code: diagnostic.code.as_ref().map(|code| code.code.clone()),
            places: places(true),
            others: places(false),
            rendered: diagnostic.rendered.unwrap_or_default(),
            text: diagnostic.message,
            names,
        })
    }
}
